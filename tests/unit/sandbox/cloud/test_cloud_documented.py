"""What controllers send, in the API's own spelling."""

from __future__ import annotations

import pytest

from gitopsd.sandbox.cloud.documented import documented_group
from gitopsd.sandbox.cloud.errors import Product


@pytest.mark.parametrize(
    ("product", "sent", "stored"),
    [
        ("nlb", "SCH", "sch"),
        ("nlb", "wrr", "Wrr"),
        ("nlb", "RR", "rr"),
        ("alb", "wlc", "Wlc"),
        ("alb", "made-up", "made-up"),
    ],
)
def test_a_choice_is_stored_in_its_documented_letters(
    product: Product, sent: str, stored: str
) -> None:
    assert documented_group(product, {"Scheduler": sent}) == {"Scheduler": stored}


def test_what_the_api_does_not_know_is_not_stored() -> None:
    probe = {"HealthCheckEnabled": True, "HealthCheckTcpFastCloseEnabled": False}
    found = documented_group("alb", {"HealthCheckConfig": probe, "Colour": "red"})
    assert found == {"HealthCheckConfig": {"HealthCheckEnabled": True}}


def test_texts_of_a_list_are_spelled_too() -> None:
    sent = {"HealthCheckConfig": {"HealthCheckType": "tcp", "HealthCheckHttpCode": ["HTTP_3xx"]}}
    found = documented_group("nlb", sent)["HealthCheckConfig"]
    assert found == {"HealthCheckType": "TCP", "HealthCheckHttpCode": ["http_3xx"]}

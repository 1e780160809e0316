"""How faults are written: what an order means, and what is said about one that means nothing."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.sandbox.faults import KINDS, FaultSyntaxError, Order, check_order


def meaning(text: str) -> tuple[str, str, str, dict[str, object]]:
    order = check_order(text)
    return order.side, order.kind, order.where, dict(order.options)


def test_side_kind_place_and_options_stand_between_colons() -> None:
    assert meaning("cloud:throttle:AddServersToServerGroup:times=3,retry-after=2") == (
        "cloud",
        "throttle",
        "AddServersToServerGroup",
        {"times": 3, "retry-after": 2.0},
    )


def test_place_and_options_may_be_left_out() -> None:
    assert meaning("kubernetes:conflict") == ("kubernetes", "conflict", "*", {})
    assert meaning("alb:job-stuck:Create*") == ("alb", "job-stuck", "Create*", {})
    assert meaning("nlb:drop-after:times=always") == ("nlb", "drop-after", "*", {"times": 0})
    assert meaning("kubernetes:expire::after=2") == ("kubernetes", "expire", "*", {"after": 2})


def test_a_message_may_hold_commas_and_colons() -> None:
    said = meaning("cloud:error:status=503,message=busy, sorry: later,times=2")[3]
    assert said == {"status": 503, "message": "busy, sorry: later", "times": 2}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("flood", "is no order of a fault; it is written SIDE:KIND"),
        ("kube:error", "no side 'kube'; one of kubernetes, cloud, alb, nlb"),
        ("cloud:throtle", "no kind of fault 'throtle'; did you mean throttle?"),
        ("cloud:expire", "'expire' is played by kubernetes, not by cloud"),
        ("kubernetes:job-fails", "'job-fails' is played by cloud, not by kubernetes"),
        ("cloud:error:AddServers", "no operation 'AddServers'; did you mean"),
        ("cloud:error:Frobnicate", "no operation 'Frobnicate'; a pattern"),
        ("kubernetes:error:patc/services", "no verb 'patc'; did you mean patch?"),
        ("kubernetes:error:get/services/a/b/c", "has too many parts"),
        ("kubernetes:latency", "needs seconds=..."),
        ("kubernetes:latency:seconds=-1", "not negative"),
        ("kubernetes:error:html=true", "kubernetes has none"),
        ("cloud:error:time=3", "does not take 'time=3'; as NAME=VALUE it takes status, code"),
        ("cloud:error:times=0", "'times=0' is no count of requests"),
        ("cloud:error:chance=2", "no probability"),
        ("cloud:error:status=200", "no HTTP status"),
        ("cloud:throttle:retry-after=soon", "no number of seconds"),
        ("cloud:clock:seconds=nan", "no number of seconds"),
        ("cloud:error:times=1,times=2", "said twice"),
        ("kubernetes:stale:get+list/services", "would never strike: kubernetes:stale is for watch"),
        ("kubernetes:conflict:get", "is for create, update, patch, delete, deletecollection"),
        ("cloud:job-fails:List*", "would never strike: cloud:job-fails is for AddServersTo"),
        ("nlb:throttle:ListRules", "would never strike: nlb:throttle is for AddServersTo"),
    ],
)
def test_what_is_wrong_with_an_order_is_said(text: str, told: str) -> None:
    with pytest.raises(FaultSyntaxError) as caught:
        check_order(text)
    assert told in str(caught.value)


@given(st.text(alphabet="clod:ub=,*/errt1"))
def test_any_text_is_an_order_or_is_refused_as_one(text: str) -> None:
    with suppress(FaultSyntaxError):
        assert isinstance(check_order(text), Order)


def test_every_kind_can_be_ordered_from_each_side_that_plays_it() -> None:
    for name, kind in KINDS.items():
        for side in kind.sides:
            options = f":{kind.needs}=1" if kind.needs else ""
            assert check_order(f"{side}:{name}{options}").kind == name


def test_the_page_about_the_sandbox_explains_every_kind_and_what_it_takes() -> None:
    page = (Path(__file__).parents[4] / "docs" / "sandbox.md").read_text()
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    for name, kind in KINDS.items():
        side = " | both | " if len(kind.sides) == 2 else f" | {' '.join(kind.sides)} | "
        assert side in rows[name]
        assert all(f"`{option}`" in rows[name] for option in kind.options)

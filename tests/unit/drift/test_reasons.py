"""Each kind of trouble has a name that a machine can read."""

from __future__ import annotations

from typing import Any

import pytest

from gitopsd.drift.reasons import with_reason
from gitopsd.model.identity import Identity
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Cause, Difference

SERVICE = Identity("Service", "shop", "tea")
GROUP = Identity("ServerGroup", "shop", "warehouse")
STAMP = "metadata.labels[gitopsd.io/digest]"
NOTE = "metadata.annotations[service.beta.kubernetes.io/x]"


@pytest.mark.parametrize(
    ("resource", "path", "wanted", "found", "reason"),
    [
        (SERVICE, "spec.type", "LoadBalancer", "NodePort", Reason.FIELD),
        (SERVICE, "spec.selector", {"app": "tea"}, None, Reason.FIELD),
        (SERVICE, NOTE, None, "on", Reason.ADDITION),
        (SERVICE, "spec.ports[81/TCP]", None, {"port": 81}, Reason.ADDITION),
        (SERVICE, "", {"kind": "Service"}, None, Reason.DELETED),
        (SERVICE, STAMP, "abc", None, Reason.STAMP),
        (SERVICE, "metadata.labels[app.kubernetes.io/managed-by]", "gitopsd", "x", Reason.STAMP),
    ],
)
def test_the_reason_is_read_off_what_differs(
    resource: Identity, path: str, wanted: Any, found: Any, reason: Reason
) -> None:
    item = Difference(resource, path, wanted, found, Cause.DRIFT)
    assert with_reason(item).reason is reason


def test_a_reason_that_was_given_where_it_was_found_stays() -> None:
    item = Difference(SERVICE, "spec.type", 1, 2, Cause.DRIFT, reason=Reason.SHADOWED)
    assert with_reason(item) is item
    weight = Difference(GROUP, "servers[192.168.20.11:80].weight", None, 50, Cause.DRIFT)
    assert with_reason(weight) is weight

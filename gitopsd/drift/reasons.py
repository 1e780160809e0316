"""Which kind of trouble a difference of an object is, read off what differs and how."""

from __future__ import annotations

from dataclasses import replace

from gitopsd.model.identity import SERVER_GROUP
from gitopsd.model.ownership import LABELS
from gitopsd.model.paths import join
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Difference

_STAMPS = frozenset(join(("metadata", "labels", key)) for key in LABELS)


def with_reason(item: Difference) -> Difference:
    """The difference with its reason; one that was given a reason where it was found keeps it.

    So does whatever differs in a server group: `diff` knows whose member is whose.
    """
    if item.reason is not Reason.FIELD or item.resource.kind == SERVER_GROUP:
        return item
    return replace(item, reason=_reason(item))


def _reason(item: Difference) -> Reason:
    if item.path in _STAMPS:
        return Reason.STAMP
    if item.path == "":
        return Reason.DELETED if item.found is None else Reason.FIELD
    return Reason.ADDITION if item.wanted is None else Reason.FIELD

"""Which kind of trouble a difference is, read off what differs and how."""

from __future__ import annotations

from dataclasses import replace

from gitopsd.model.identity import SERVER_GROUP
from gitopsd.model.ownership import LABELS, TAGS
from gitopsd.model.paths import join
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Difference

_STAMPS = frozenset(
    {join(("metadata", "labels", key)) for key in LABELS} | {join(("tags", key)) for key in TAGS}
)
_MEMBERS = "servers["
#: The mark on a member of ours is its description (design §4).
_MEMBER_STAMP = "].description"


def with_reason(item: Difference) -> Difference:
    """The difference with its reason; one that was given a reason where it was found keeps it."""
    if item.reason is not Reason.FIELD:
        return item
    return replace(item, reason=_reason(item))


def _reason(item: Difference) -> Reason:
    if item.path in _STAMPS:
        return Reason.STAMP
    if item.path == "":
        return Reason.DELETED if item.found is None else Reason.FIELD
    if item.resource.kind == SERVER_GROUP:
        return _member_reason(item) if item.path.startswith(_MEMBERS) else Reason.FIELD
    return Reason.ADDITION if item.wanted is None else Reason.FIELD


def _member_reason(item: Difference) -> Reason:
    if item.path.endswith(_MEMBER_STAMP):
        return Reason.STAMP
    if not item.path.endswith("]"):
        return Reason.FIELD  # a field of a member that is there
    if item.found is None:
        return Reason.MEMBER_GONE
    return Reason.MEMBER_FOREIGN if item.wanted is None else Reason.FIELD

"""Wanted objects that are gone or going: whose doing that is, and which drift mode it follows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from gitopsd.diff.members import because
from gitopsd.diff.modes import mode_of
from gitopsd.diff.write_ahead import forms
from gitopsd.model.desired import DesiredGroup, DesiredObject, Manifest
from gitopsd.model.digest import canonical
from gitopsd.model.identity import SERVER_GROUP, Identity
from gitopsd.model.observed import ObservedObject, Record
from gitopsd.model.ownership import DIGEST
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Cause, Difference, Mode
from gitopsd.model.wording import said


def absent(
    item: DesiredObject,
    manifest: Manifest,
    digest: str | None,
    record: Record | None,
    lost: Collection[DesiredGroup],
    today: date,
) -> Difference:
    """That a wanted object is not there.

    `digest` is None while the id of a group is not known. Where somebody deleted the groups
    (`lost`) together with the object, what was applied last is told without their ids; and the
    object stays away as long as its groups do, since it cannot name them.
    """
    mode = mode_of(item.drift, item.identity.kind, "", today)
    last = record.entries.get(item.identity) if record else None
    if digest is None and lost and record and not _git_moved(manifest, lost, item, record):
        digest = last
    if mode == "Correct" and mode_of_groups(lost, today) != "Correct":
        mode = "Report"
    cause = cause_of(last, digest, mode)
    note = said("gone-since") if cause is Cause.CHANGE and last is not None else ""
    return Difference(
        item.identity, "", manifest, None, cause, mode, position=item.position, note=note
    )


def going(
    item: DesiredObject,
    digest: str | None,
    record: Record | None,
    live: ObservedObject,
    today: date,
) -> Difference | None:
    """That the deletion of a wanted object has begun, and a finalizer holds it; None if not."""
    if not live.deleting:
        return None
    when = live.manifest["metadata"]["deletionTimestamp"]
    mode = mode_of(item.drift, item.identity.kind, "", today)
    last = record.entries.get(item.identity) if record else live.labels.get(DIGEST)
    difference = Difference(
        item.identity,
        "",
        item.manifest,
        {"metadata": {"deletionTimestamp": when}},
        cause_of(last, digest, mode),
        mode,
        position=item.position,
        note=said("deleting", when=when),
    )
    return because(difference, Reason.DELETED)


def cause_of(last: str | None, digest: str | None, mode: Mode) -> Cause:
    """Whose doing it is that a wanted object is gone or going.

    Somebody's, where what was last applied is what is wanted now. Where Git moved too, Git wins,
    but for a thing that is ignored: there nothing is written. What we began to delete ourselves the
    record forgets (`engine.record`).
    """
    drift = last is not None and (mode == "Ignore" or last == digest)
    return Cause.DRIFT if drift else Cause.CHANGE


def mode_of_groups(groups: Iterable[DesiredGroup], today: date) -> Mode:
    """How the drift policies treat that groups are gone: of several, whatever does least."""
    modes = {mode_of(group.drift, SERVER_GROUP, "", today) for group in groups}
    order: tuple[Mode, ...] = ("Ignore", "Report")
    return next((mode for mode in order if mode in modes), "Correct")


def _git_moved(
    manifest: Manifest, lost: Collection[DesiredGroup], item: DesiredObject, record: Record
) -> bool:
    """Whether a field that names none of the groups differs from what was applied last."""
    memory = forms(record, item.identity).get(record.entries.get(item.identity, ""))
    if memory is None:
        return False
    names = [f"<{group.identity.key}>".encode() for group in lost]

    def told(value: Any) -> bool:
        text = canonical(value)
        return not any(name in text for name in names)

    return not memory.agrees(manifest, told)


def lost_groups(
    gone: Iterable[Identity], groups: Mapping[Identity, DesiredGroup]
) -> tuple[DesiredGroup, ...]:
    """The wanted groups of those names."""
    return tuple(groups[identity] for identity in gone if identity in groups)

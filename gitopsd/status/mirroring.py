"""Which custom resources to write, so that they say what Git says and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from gitopsd.model.approval import instant, stamp
from gitopsd.model.digest import digest
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import DIGEST, INSTANCE, MANAGED_BY, MANAGER, TARGET, Owner
from gitopsd.model.status import Condition, MirrorObject, SubjectStatus

#: How long what somebody made by hand stands there with its mark before it is removed.
GRACE = timedelta(minutes=10)
_LABELS = (MANAGED_BY, INSTANCE, TARGET, DIGEST)
_AS_IN_GIT = "AsInGit"
_BY_HAND = "this was made by hand and does nothing: put it into Git; it will be removed from here"
_PUT_BACK = "it was edited by hand, which does nothing, and was put back: edits belong into Git"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one custom resource is to say; a `spec` of None is left as it stands."""

    spec: Mapping[str, Any] | None
    status: SubjectStatus


@dataclass(frozen=True, slots=True)
class Mirroring:
    """One thing to do: write the spec (None: it is right), then the status (None: it is right).

    `found` is what stands there, None for nothing; with `remove` it goes.
    """

    identity: Identity
    found: MirrorObject | None
    spec: Mapping[str, Any] | None = None
    labels: Mapping[str, str] | None = None
    status: Mapping[str, Any] | None = None
    remove: bool = False
    by_hand: str = ""


def mirror(
    wanted: Mapping[Identity, Wanted],
    found: Iterable[MirrorObject],
    owner: Owner,
    revision: str,
    now: datetime,
    *,
    complete: bool = True,
) -> Iterator[Mirroring]:
    """What to do, in order of names; nothing where all is right but the time.

    What another instance or target has made is not ours to see. Nothing of ours is removed unless
    the look at the target was `complete`.
    """
    there = {item.identity: item for item in found}
    for identity in sorted(wanted):
        item = there.get(identity)
        if item is not None and (item.deleting or _is_a_rivals(item, owner)):
            continue
        action = _kept(identity, item, wanted[identity], owner, revision, now)
        if action is not None:
            yield action
    for identity in sorted(there.keys() - wanted.keys()):
        item = there[identity]
        if item.deleting or _is_a_rivals(item, owner):
            continue
        if owner.owns_labels(item.labels):
            if complete:
                yield Mirroring(identity, item, remove=True)
        elif (action := _stranger(item, now)) is not None:
            yield action


def _is_a_rivals(item: MirrorObject, owner: Owner) -> bool:
    """Whether another instance or target keeps it, as its status says: anybody may edit labels.

    A status that says nothing of its instance was written by an earlier gitopsd, or its kind is
    from one: then the labels say which it is, where they agree with it.
    """
    target, instance = item.status.get("target"), item.status.get("instance")
    if not target:
        return False
    if instance:
        return (instance, target) != (owner.instance, owner.target)
    rival = owner.rival(item.labels)
    return bool(target != owner.target if rival is None else target == rival.target)


def _kept(
    identity: Identity,
    item: MirrorObject | None,
    wanted: Wanted,
    owner: Owner,
    revision: str,
    now: datetime,
) -> Mirroring | None:
    if item is None and wanted.spec is None:
        return None
    spec = wanted.spec if wanted.spec is not None else (item.spec if item else {})
    name = digest(spec)
    labels = {MANAGED_BY: MANAGER, INSTANCE: owner.instance, TARGET: owner.target, DIGEST: name}
    stands = {key: item.labels.get(key) for key in _LABELS} if item else {}
    same = item is not None and item.spec == spec and stands == labels
    edited = item is not None and not same and stands.get(DIGEST) in (None, name)
    before = item.status if item else {}
    told = str(before.get("revision") or "") if stands.get(DIGEST) == name else ""
    status = _status(wanted.status, item, owner, told or revision, edited=edited)
    if same and _timeless(before) == _timeless(status):
        return None
    return Mirroring(
        identity,
        item,
        None if same else spec,
        None if same else labels,
        _timed(status, before, now),
        by_hand=_PUT_BACK if edited else "",
    )


def _status(
    said: SubjectStatus, item: MirrorObject | None, owner: Owner, revision: str, *, edited: bool
) -> dict[str, Any]:
    kept = [one for one in _conditions(item) if one.get("type") == _AS_IN_GIT]
    as_in_git = Condition(_AS_IN_GIT, "True", "AsInGit", "it says what Git says")
    if edited or (kept and kept[0].get("reason") == "PutBack" and _known(item, revision)):
        as_in_git = Condition(_AS_IN_GIT, "True", "PutBack", _PUT_BACK)
    status = {
        "observedGeneration": item.generation if item else 1,
        "instance": owner.instance,
        "target": owner.target,
        "revision": revision,
        "shortRevision": revision[:12],
        "drift": said.drift,
        "address": said.address,
        "conditions": [_json(one) for one in (*said.conditions, as_in_git)],
    }
    return {key: value for key, value in status.items() if value != ""}


def _known(item: MirrorObject | None, revision: str) -> bool:
    return item is not None and item.status.get("revision") == revision


def _stranger(item: MirrorObject, now: datetime) -> Mirroring | None:
    """Something made by hand: marked at first sight, removed some time later."""
    marks = [one for one in _conditions(item) if one.get("reason") == "NotInGit"]
    if marks:
        since = instant(str(marks[0].get("lastTransitionTime") or ""))
        late = since is not None and now - since >= GRACE
        return Mirroring(item.identity, item, remove=True) if late else None
    conditions = [
        Condition("Ready", "False", "NotInGit", _BY_HAND),
        Condition("Stalled", "True", "NotInGit", _BY_HAND),
        Condition(_AS_IN_GIT, "False", "NotInGit", _BY_HAND),
    ]
    status = {
        "observedGeneration": item.generation,
        "conditions": [_json(one) for one in conditions],
    }
    told = _timed(status, item.status, now)
    return Mirroring(item.identity, item, status=told, by_hand=_BY_HAND)


def _conditions(item: MirrorObject | None) -> list[Mapping[str, Any]]:
    found = item.status.get("conditions") if item else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _json(condition: Condition) -> dict[str, Any]:
    return {
        "type": condition.type,
        "status": condition.status,
        "reason": condition.reason,
        "message": condition.message,
    }


def _timeless(status: Mapping[str, Any]) -> dict[str, Any]:
    """The status without its times: what has to differ for it to be written.

    Nor is it written for the sake of its instance, which a kind of an earlier gitopsd leaves out.
    """
    conditions = [
        {key: value for key, value in one.items() if key != "lastTransitionTime"}
        for one in status.get("conditions") or ()
        if isinstance(one, Mapping)
    ]
    told = {key: value for key, value in status.items() if key != "instance"}
    return {**told, "conditions": conditions}


def _timed(status: Mapping[str, Any], before: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The status with the time at which each condition last turned."""
    known = {
        (one.get("type"), one.get("status")): one.get("lastTransitionTime")
        for one in before.get("conditions") or ()
        if isinstance(one, Mapping)
    }
    conditions = [
        {**one, "lastTransitionTime": known.get((one["type"], one["status"])) or stamp(now)}
        for one in status["conditions"]
    ]
    return {**status, "conditions": conditions}


def generation_of(action: Mirroring, written: MirrorObject) -> Mirroring:
    """The same, once the spec is written: the status tells of that generation."""
    status = {**(action.status or {}), "observedGeneration": written.generation}
    return replace(action, found=written, status=status)

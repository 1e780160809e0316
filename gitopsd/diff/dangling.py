"""Ingresses that still name a group which somebody has deleted.

Git did not move, and nobody edited the Ingress: it differs because the id of the group that will
take the place of the one that is gone is not known yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import permutations

from gitopsd.diff.naming import named_groups, resolve
from gitopsd.model.desired import DesiredObject
from gitopsd.model.digest import digest
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedObject, ObservedTarget
from gitopsd.model.ownership import DIGEST
from gitopsd.model.verdict import Cause, Difference, Mode
from gitopsd.model.wording import said

#: An action names at most five groups; beyond this it is not worth trying which was which.
_TRIED = 3


def gone_groups(
    item: DesiredObject, ids: Mapping[Identity, str], observed: ObservedTarget
) -> tuple[Identity, ...]:
    """The groups of an object that have no id because none of theirs is there."""
    there = {group.identity for group in observed.groups}
    missing = tuple(group for group in item.groups if group not in ids)
    return () if any(group in there for group in missing) else missing


def former_digest(
    item: DesiredObject,
    ids: Mapping[Identity, str],
    gone: Collection[Identity],
    live: ObservedObject,
) -> str | None:
    """The digest on a live object, if it is that of what is wanted with ids of groups now gone."""
    written = live.labels.get(DIGEST)
    stale = named_groups(live.manifest) - named_groups(item.manifest) - set(ids.values())
    if not gone or written is None or not len(gone) <= len(stale) <= _TRIED:
        return None
    for order in permutations(sorted(stale), len(gone)):
        known = {**ids, **dict(zip(gone, order, strict=True))}
        if digest(resolve(item.manifest, known, item.groups)) == written:
            return written
    return None


def follow_group(difference: Difference, gone: Collection[Identity], mode: Mode) -> Difference:
    """A difference told as what it is, where it is drift for the want of an id.

    Whatever the modes say of the object, what names a group follows the group: `mode` is how that
    these groups are gone is treated.
    """
    text = difference.wanted
    named = [g for g in gone if isinstance(text, str) and f"<{g.key}>" in text]
    if difference.cause is not Cause.DRIFT or not named:
        return difference
    names = ", ".join(str(group) for group in named)
    return replace(difference, mode=mode, note=said("new-id", names=names))

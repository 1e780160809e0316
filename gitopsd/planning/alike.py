"""Drift that most of a target shares: more likely one cause than many hands (design §4, "Guards").

An admission webhook that rewrites every Service, an API server that fills in another default after
an upgrade, a cluster that was restored from a backup or wiped, a fault of ours in reading: each of
them looks like drift everywhere at once, and correcting it would fight that cause over everything
that serves.

Two things drifted alike when the same field moved in the same direction. Fields are told apart by
their path without the keys of maps and lists (`metadata.annotations[]`, `servers[].weight`):
somebody who takes all annotations off takes another name off each Ingress. Directions are "gone",
"added" and "changed", because a value that vanished everywhere and one that was put everywhere have
different causes; what the values are does not count, each thing may have its own. A thing that is
gone as a whole has the empty path, so a namespace emptied of Services and Ingresses alike counts as
one kind of drift. Kinds are not told apart further: a path says by itself what it belongs to.

Only drift counts that the pass would put right: what Git changed is not drift, and what a mode only
reports or ignores is not touched anyway.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gitopsd.model.comparison import Comparison, GroupComparison, ObjectComparison
from gitopsd.model.identity import Identity
from gitopsd.model.verdict import Cause, Difference
from gitopsd.model.wording import said
from gitopsd.planning.selection import written

#: Fewer things than this drift alike by themselves: two of three is nothing.
FLOOR = 5
_KEY = re.compile(r"\[[^\]]*\]")
#: So many managers are named.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Alike:
    """The things that drifted alike, of how many, and what they have in common.

    `what` says what moved; `who` names who wrote it (", written by …"), "" where nobody is known.
    """

    things: frozenset[Identity]
    total: int
    what: str
    who: str

    @property
    def count(self) -> int:
        """How many things drifted alike."""
        return len(self.things)


def alike_drift(comparison: Comparison, *, correct: bool) -> Alike | None:
    """What more than half of the wanted things, and at least FLOOR, share; None where nothing is.

    Where several kinds of drift are so common, all things of all of them count, and the commonest
    names them.
    """
    total = 0
    kinds: dict[tuple[str, str], list[Difference]] = defaultdict(list)
    for item in _wanted(comparison):
        total += 1
        drift = (d for d in item.differences if d.cause is Cause.DRIFT)
        seen = {_kind(d): d for d in drift if written(d, correct=correct)}
        for kind, difference in seen.items():
            kinds[kind].append(difference)
    common = {
        kind: found
        for kind, found in kinds.items()
        if len(found) >= FLOOR and 2 * len(found) > total
    }
    if not common:
        return None
    first = max(common, key=lambda kind: (len(common[kind]), kind))
    things = frozenset(d.resource for found in common.values() for d in found)
    return Alike(things, total, _what(first, common[first]), _who(common[first]))


def _wanted(comparison: Comparison) -> Iterator[ObjectComparison | GroupComparison]:
    """What is wanted and ours: it stands here, or it stood here and is gone.

    What is new does not count, nor what others hold now: adoption asks for that by name.
    """
    for item in comparison.objects:
        if (
            item.desired
            and not item.unknown
            and not item.foreign
            and (item.live or _drifted(item.differences))
        ):
            yield item
    for group in comparison.groups:
        if group.desired and not group.unknown and (group.current or _drifted(group.differences)):
            yield group


def _drifted(differences: Iterable[Difference]) -> bool:
    return any(difference.cause is Cause.DRIFT for difference in differences)


def _kind(difference: Difference) -> tuple[str, str]:
    direction = "changed"
    if difference.found is None:
        direction = "gone"
    elif difference.wanted is None:
        direction = "added"
    return _KEY.sub("[]", difference.path), direction


def _what(kind: tuple[str, str], found: Iterable[Difference]) -> str:
    """`spec.type changed`; a key that is another in each thing is left out: `servers[…].weight`."""
    paths, (path, direction) = {difference.path for difference in found}, kind
    path = paths.pop() if len(paths) == 1 else path.replace("[]", "[…]")
    return said(f"alike-{direction}", path=path) if path else said("alike-deleted")


def _who(found: Iterable[Difference]) -> str:
    managers = sorted({d.who.manager for d in found if d.who and d.who.manager})
    if not managers or len(managers) > _NAMED:
        return ""
    return said("behind-alike", names=", ".join(managers))

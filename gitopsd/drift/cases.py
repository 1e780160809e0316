"""What would stand if only some of the differences had happened: whose move does what to traffic.

A route depends on its Ingress or Service, on Services made for it and on the groups behind it. To
tell which share goes elsewhere because of one of them, all others are taken as wanted; what is
ignored on purpose is told apart from drift in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gitopsd.drift.members import Sides
from gitopsd.model.comparison import ObjectComparison
from gitopsd.model.desired import Manifest
from gitopsd.model.identity import Identity
from gitopsd.model.paths import split
from gitopsd.model.verdict import Cause, Difference


@dataclass(frozen=True, slots=True)
class Case:
    """Which differences have happened: those of one subject or of all (None), by their kind."""

    subject: Identity | None = None
    drift: bool = True
    ignored: bool = True
    changes: bool = True

    def concerns(self, subject: Identity) -> bool:
        """Whether what this Exposure or ServerGroup did counts."""
        return self.subject in (None, subject)

    def takes(self, subject: Identity, difference: Difference) -> bool:
        """Whether a difference of this Exposure or ServerGroup has happened."""
        if not self.concerns(subject):
            return False
        if difference.cause is Cause.CHANGE:
            return self.changes
        return self.ignored if difference.mode == "Ignore" else self.drift


#: What is there.
REALITY = Case()
#: What is there but for what is left alone on purpose.
UNEXCUSED = Case(ignored=False)


def drift_of(subject: Identity | None) -> Case:
    """Only drift has happened, that of one subject or of all."""
    return Case(subject, ignored=False, changes=False)


def ignored_of(subject: Identity) -> Case:
    """Only what the drift policy of a subject ignores has happened."""
    return Case(subject, drift=False, changes=False)


def manifest_in(item: ObjectComparison, case: Case) -> Manifest | None:
    """An object as it would stand; None for not at all.

    A field that somebody moved is taken as a whole: where one of its differences has happened, all
    of them have.
    """
    found = item.live or item.foreign
    live = found.manifest if found else None
    wanted = item.wanted or (item.desired.manifest if item.desired else None)
    if case is REALITY or wanted is None:
        return live
    happened = {_field(d.path): False for d in item.differences if not case.takes(item.exposure, d)}
    happened |= {_field(d.path): True for d in item.differences if case.takes(item.exposure, d)}
    if live is None:
        return None if happened.get((), True) else wanted
    return _put_back(live, wanted, (field for field, true in happened.items() if not true))


def _field(path: str) -> tuple[str, ...]:
    keys = tuple(map(str, split(path))) if path else ()
    return keys[:3] if keys[:1] == ("metadata",) else keys[:2]


def _put_back(live: Manifest, wanted: Manifest, fields: Iterable[tuple[str, ...]]) -> Manifest:
    """The live object with these fields as they are wanted."""
    result = dict(live)
    for field in fields:
        if len(field) < 2:
            continue
        *above, last = field
        source: Any = wanted
        node: dict[str, Any] = result
        for key in above:
            source = source.get(key) or {}
            node[key] = dict(node.get(key) or {})
            node = node[key]
        if last in source:
            node[last] = source[last]
        else:
            node.pop(last, None)
    return result


def sides_in(sides: Sides, group: Identity, differences: Iterable[Difference], case: Case) -> Sides:
    """The members of a group as they would stand."""
    wanted, live, healthy = dict(sides.wanted), dict(sides.live), dict(sides.healthy)
    for item in differences:
        if case.takes(group, item):
            continue
        keys = split(item.path) if item.path else ()
        if not keys:
            live = dict(wanted)
        elif keys[0] == "servers":
            name, part = str(keys[1]), keys[2:]
            if part[:1] == ("health",):
                healthy[name] = True
            elif name not in wanted:
                live.pop(name, None)
            elif not part or part == ("weight",):
                live[name] = wanted[name]
    return Sides(wanted, live, {name: healthy.get(name) for name in live})

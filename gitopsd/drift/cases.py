"""What would stand without some of the differences: what tells who has a part in a move of traffic.

A route depends on its Ingress or Service, on Services made for it and on the groups behind it. No
case but `REALITY` is ever told as what is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gitopsd.diff.routes import RULES, composed
from gitopsd.drift.members import Sides
from gitopsd.model.comparison import ObjectComparison
from gitopsd.model.desired import Manifest
from gitopsd.model.identity import Identity
from gitopsd.model.paths import split
from gitopsd.model.traffic import Doing
from gitopsd.model.verdict import Cause, Difference


@dataclass(frozen=True, slots=True)
class Case:
    """Which differences have happened: all but one subject's of one kind, or these `only`."""

    subject: Identity | None = None
    doing: Doing | None = None
    only: bool = False

    def counts(self, subject: Identity, doing: Doing) -> bool:
        """Whether what this Exposure or ServerGroup did in such a way has happened."""
        return ((subject, doing) == (self.subject, self.doing)) is self.only

    def takes(self, subject: Identity, difference: Difference) -> bool:
        """Whether a difference of this Exposure or ServerGroup has happened."""
        return self.counts(subject, doing_of(difference))


#: What is there.
REALITY = Case()


def doing_of(difference: Difference) -> Doing:
    """Whose doing a difference is: Git's, or somebody's, asked for or not.

    What is in doubt is left as somebody's would be: it does not come with the next apply.
    """
    if difference.cause is Cause.CHANGE and not difference.doubtful:
        return Doing.CHANGE
    return Doing.IGNORED if difference.mode == "Ignore" else Doing.DRIFT


def manifest_in(item: ObjectComparison, case: Case) -> Manifest | None:
    """An object as it would stand; None for not at all.

    A field that somebody moved is taken as a whole: where one of its differences has happened, all
    of them have. Of the rules of an Ingress that holds for each route.
    """
    live = item.there.manifest if item.there else None
    wanted = item.wanted or (item.desired.manifest if item.desired else None)
    if case is REALITY or wanted is None:
        return live
    happened = {_field(d.path): False for d in item.differences if not case.takes(item.exposure, d)}
    happened |= {_field(d.path): True for d in item.differences if case.takes(item.exposure, d)}
    if live is None:
        return None if happened.get((), True) else wanted
    result = _put_back(live, wanted, (field for field, true in happened.items() if not true))
    if RULES not in happened:
        return result
    below = [(split(d.path)[len(RULES) :], d) for d in item.differences if _field(d.path) == RULES]
    kept = [keys for keys, d in below if case.takes(item.exposure, d)]
    if len(kept) == len(below):
        return result
    rules = composed(wanted["spec"].get("rules"), live["spec"].get("rules"), kept)
    return {**result, "spec": {**result["spec"], "rules": rules}}


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

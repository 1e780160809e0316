"""Ingresses: rules and actions as they were found, read back as routes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from typing import Any

from gitopsd.drift.acceptance.proposals import Bundle, nothing, sorted_out
from gitopsd.model.comparison import ObjectComparison
from gitopsd.model.identity import Identity
from gitopsd.model.paths import join
from gitopsd.model.verdict import Difference
from gitopsd.profiles import annotations as keys
from gitopsd.profiles.kubernetes import USE_ANNOTATION
from gitopsd.spec.document import Path
from gitopsd.spec.editing import Edit, Insert, Put, Remove
from gitopsd.spec.editing.edits import at

_ROUTES: Path = ("spec", "routes")
_CLASS = "spec.ingressClassName"
_ACTION = join(("metadata", "annotations", keys.ACTIONS))[:-1]


def ingress_bundles(
    item: ObjectComparison, differences: Iterable[Difference], ids: Mapping[Identity, str]
) -> Iterator[Bundle]:
    """For the Ingress of an ALB Exposure. `ids` are the known ids of wanted groups."""
    routes, rest = sorted_out(differences, _is_route)
    if routes:
        yield Bundle(routes, partial(_routes, item, ids))
    for difference in rest:
        propose = partial(_class, difference) if difference.path == _CLASS else nothing
        yield Bundle((difference,), propose)


def _is_route(difference: Difference) -> bool:
    return difference.path.startswith(("spec.rules", _ACTION))


def _class(difference: Difference, _: Any) -> Iterator[Sequence[Edit]]:
    if difference.found is not None:
        yield [Put(("spec", "loadBalancer", "ingressClass"), difference.found)]


@dataclass(frozen=True, slots=True)
class _Share:
    """Where a route sends a share of its traffic, as a rule or an action says it."""

    service: str | None
    port: int | None
    group: str | None
    weight: int | None = None

    @property
    def to(self) -> tuple[str | None, int | None, str | None]:
        """Whom it is sent to, whatever the share."""
        return self.service, self.port, self.group


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule of an Ingress with the action it leads to. `action` is "" for a plain one."""

    host: str | None
    path: str
    path_type: str
    action: str
    shares: tuple[_Share, ...]


class _Unreadable(Exception):
    """A rule or an action that no route compiles to."""


def _rules(manifest: Mapping[str, Any]) -> list[_Rule]:
    """The rules of an Ingress. Raises _Unreadable."""
    annotations = manifest.get("metadata", {}).get("annotations") or {}
    try:
        return [_rule(rule, annotations) for rule in manifest["spec"].get("rules") or []]
    except (ValueError, TypeError, KeyError) as error:
        raise _Unreadable from error


def _rule(rule: Mapping[str, Any], annotations: Mapping[str, str]) -> _Rule:
    (path,) = rule["http"]["paths"]
    service = path["backend"]["service"]
    port = service["port"]
    action = service["name"] if port.get("name") == USE_ANNOTATION else ""
    if action:
        shares = _shares(annotations[keys.ACTIONS + action])
    else:
        shares = (_Share(service["name"], port["number"], None),)
    return _Rule(rule.get("host"), path.get("path", "/"), path["pathType"], action, shares)


def _shares(text: str) -> tuple[_Share, ...]:
    (action,) = json.loads(text)
    return tuple(
        _Share(
            None if "ServerGroupID" in entry else entry["ServiceName"],
            None if "ServerGroupID" in entry else entry["ServicePort"],
            entry.get("ServerGroupID"),
            entry["Weight"],
        )
        for entry in action["ForwardConfig"]["ServerGroups"]
    )


def _routes(
    item: ObjectComparison, ids: Mapping[Identity, str], value: Any
) -> Iterator[Sequence[Edit]]:
    """Rules are paired with routes by place where there are as many, else by likeness."""
    written: list[dict[str, Any]] = at(value, _ROUTES)
    try:
        found = _rules(item.there.manifest if item.there else {})
        wanted = _rules(item.wanted or {})
    except _Unreadable:
        return
    if len(wanted) != len(written):
        return
    mender = _Mender(item.identity.namespace, ids)
    pairs, gone, came = _paired(wanted, found)
    changes = [
        edit
        for old, new in pairs
        if wanted[old] != found[new]
        for edit in mender.route((*_ROUTES, old), written[old], wanted[old], found[new])
    ]
    removals = [Remove((*_ROUTES, index)) for index in sorted(gone, reverse=True)]
    taken = {route["name"] for route in written}
    additions = [Insert(_ROUTES, mender.new(found[index], taken), index) for index in sorted(came)]
    yield [*changes, *removals, *additions]


def _paired(
    wanted: list[_Rule], found: list[_Rule]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pairs of places, places that went, places that came."""
    if len(wanted) == len(found):
        return [(index, index) for index in range(len(wanted))], [], []
    pairs: list[tuple[int, int]] = []
    gone: list[int] = []
    came: list[int] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, wanted, found, False).get_opcodes():
        both = min(i_end - i, j_end - j) if tag in ("equal", "replace") else 0
        pairs += [(i + step, j + step) for step in range(both)]
        gone += range(i + both, i_end)
        came += range(j + both, j_end)
    return pairs, gone, came


@dataclass(frozen=True, slots=True)
class _Mender:
    """Writes routes so that they say what rules were found to say."""

    namespace: str
    ids: Mapping[Identity, str]

    def route(
        self, path: Path, written: Mapping[str, Any], old: _Rule, new: _Rule
    ) -> Iterator[Edit]:
        """What makes a route that is written down the rule that was found."""
        if new.action and new.action != written["name"]:
            yield Put((*path, "name"), new.action)
        for name, before, after in (
            ("host", old.host, new.host),
            ("path", old.path, new.path),
            ("pathType", old.path_type, new.path_type),
        ):
            if before != after:
                yield Remove((*path, name)) if after is None else Put((*path, name), after)
        if old.shares != new.shares:
            yield from self.backends((*path, "backends"), written["backends"], old, new)

    def backends(
        self, path: Path, written: Sequence[Mapping[str, Any]], old: _Rule, new: _Rule
    ) -> Iterator[Edit]:
        """Backends are told by whom they send to; of the rest, Services are paired in order."""
        left = dict(enumerate(old.shares))
        came: list[tuple[int, _Share]] = []
        for place, share in enumerate(new.shares):
            index = next((n for n, other in left.items() if other.to == share.to), None)
            if index is None:
                came.append((place, share))
                continue
            if left.pop(index).weight != share.weight and share.weight is not None:
                yield Put((*path, index, "weight"), share.weight)
        gone = []
        for index in left:
            other = next((item for item in came if self._alike(written[index], item[1])), None)
            if other is None:
                gone.append(index)
                continue
            came.remove(other)
            for name, value in self._backend(other[1]).items():
                if written[index].get(name) != value:
                    yield Put((*path, index, name), value)
        yield from (Remove((*path, index)) for index in sorted(gone, reverse=True))
        for place, share in came:
            yield Insert(path, self._backend(share), place)

    def new(self, rule: _Rule, taken: set[str]) -> dict[str, Any]:
        """A rule that somebody added, as a route; a plain one is named after its Service."""
        name = base = rule.action or rule.shares[0].service or "route"
        number = 1
        while name in taken and not rule.action:
            number += 1
            name = f"{base}-{number}"
        taken.add(name)
        route: dict[str, Any] = {"name": name}
        if rule.host is not None:
            route["host"] = rule.host
        route |= {"path": rule.path, "pathType": rule.path_type}
        return route | {"backends": [self._backend(share) for share in rule.shares]}

    @staticmethod
    def _alike(written: Mapping[str, Any], share: _Share) -> bool:
        """Whether a backend may become this one by changing its values alone."""
        return share.service is not None and written.get("service") is not None

    def _backend(self, share: _Share) -> dict[str, Any]:
        backend: dict[str, Any] = {"service": share.service, "port": share.port}
        if share.group is not None:
            mine = (group for group, id_ in self.ids.items() if id_ == share.group)
            group = next((g for g in mine if g.namespace == self.namespace), None)
            backend = {"serverGroup": group.name} if group else {"serverGroupId": share.group}
        return backend if share.weight is None else backend | {"weight": share.weight}

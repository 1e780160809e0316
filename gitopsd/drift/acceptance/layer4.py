"""Services: ports and selectors stand in the spec as they stand in the Service; the rest is chosen.

What a Service's annotations and traffic policy say follows from placement, scheme and needs
together, so every combination of these is a proposal, those that change least first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any, get_args

from gitopsd.diff.manifest import port_key
from gitopsd.drift.acceptance.proposals import Bundle, nothing, sorted_out
from gitopsd.model.comparison import ObjectComparison
from gitopsd.model.paths import join
from gitopsd.model.verdict import Difference
from gitopsd.profiles.annotations import OPTIONS, PERSISTENCE_TIMEOUT
from gitopsd.profiles.names import backend_service
from gitopsd.spec.document import Path
from gitopsd.spec.editing import Edit, Insert, Put, Remove
from gitopsd.spec.editing.edits import at
from gitopsd.spec.model import ExposureSpec, Placement, Scheme

_PORT = re.compile(r"spec\.ports\[(?P<key>[0-9]+/[A-Z]+)\](?:\.(?P<field>\w+))?")
_PORTS: Path = ("spec", "ports")
_PERSISTENCE: Path = ("spec", "sessionPersistence")
#: Fields of a Service that options of a spec decide about.
_CHOSEN = frozenset(
    {"spec.externalTrafficPolicy"}
    | {join(("metadata", "annotations", option.annotation)) for option in OPTIONS}
)
#: Fields whose values can all be tried, each with what it is when nothing is said.
_CHOICES: tuple[tuple[Path, tuple[Any, ...], Any], ...] = (
    (("spec", "loadBalancer", "scheme"), get_args(Scheme), None),
    (("spec", "pods", "placement"), get_args(Placement), "Cloud"),
    (
        ("spec", "trafficPolicy"),
        get_args(ExposureSpec.model_fields["traffic_policy"].annotation),
        "Auto",
    ),
    (("spec", "preserveClientIP"), (False, True), False),
)


def service_bundles(item: ObjectComparison, differences: Iterable[Difference]) -> Iterator[Bundle]:
    """For the Service of a CLB or NLB."""
    ports, rest = sorted_out(differences, _is_port)
    selector, rest = sorted_out(rest, _is_selector)
    if ports:
        yield Bundle(ports, partial(_ports, item, ports))
    if selector:
        yield Bundle(selector, partial(_selector, item, ("spec", "pods", "selector")))
    chosen, rest = sorted_out(rest, lambda difference: difference.path in _CHOSEN)
    if chosen:
        yield Bundle(chosen, partial(_choices, item), guessed=True)
    if rest:
        yield Bundle(rest, nothing)


def backend_bundles(item: ObjectComparison, differences: Iterable[Difference]) -> Iterator[Bundle]:
    """For a Service made for a backend that is given as pods."""
    yield Bundle(tuple(differences), partial(_backend, item))


def _is_port(difference: Difference) -> bool:
    return _PORT.fullmatch(difference.path) is not None


def _is_selector(difference: Difference) -> bool:
    return difference.path.startswith("spec.selector")


def _live(item: ObjectComparison) -> Mapping[str, Any]:
    return item.there.manifest if item.there else {}


# --- ports -----------------------------------------------------------------------------------


def _ports(
    item: ObjectComparison, differences: Sequence[Difference], value: Any
) -> Iterator[Sequence[Edit]]:
    """A port that went while another came is taken for one that was renumbered, then for two."""
    written: list[dict[str, Any]] = at(value, _PORTS)
    places = {port_key(port): index for index, port in enumerate(written)}
    live = {port_key(port): port for port in _live(item).get("spec", {}).get("ports") or []}
    gone: list[int] = []
    came: list[dict[str, Any]] = []
    changes: list[Edit] = []
    for difference in differences:
        match = _PORT.fullmatch(difference.path)
        key = match["key"] if match else ""
        if match and match["field"] and key in places:
            changes += _field((*_PORTS, places[key]), written[places[key]], live.get(key, {}))
        elif difference.found is None and key in places:
            gone.append(places[key])
        elif difference.wanted is None and key in live:
            came.append(live[key])
    changes = list(dict.fromkeys(changes))
    if gone and came:
        yield [*changes, *_renumbered(written, gone, came)]
    yield [*changes, *_gone(gone), *(Insert(_PORTS, _entry(port)) for port in came)]


def _renumbered(
    written: list[dict[str, Any]], gone: list[int], came: list[dict[str, Any]]
) -> Iterator[Edit]:
    """Each port that went becomes the one that came and is most like it."""
    left = list(came)
    removed: list[int] = []
    for index in gone:
        if not left:
            removed.append(index)
            continue
        port = max(left, key=lambda port: _likeness(written[index], port))
        left.remove(port)
        yield from _field((*_PORTS, index), written[index], port)
    yield from _gone(removed)
    yield from (Insert(_PORTS, _entry(port)) for port in left)


def _likeness(written: Mapping[str, Any], live: Mapping[str, Any]) -> int:
    return sum(written.get(name) == live.get(name) for name in ("name", "targetPort", "protocol"))


def _gone(indexes: Iterable[int]) -> Iterator[Edit]:
    """Removals from behind, so that none moves what another one means."""
    yield from (Remove((*_PORTS, index)) for index in sorted(indexes, reverse=True))


def _field(path: Path, written: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[Edit]:
    """What makes a port that is written down the live one."""
    meant = {"protocol": "TCP", "targetPort": live.get("port"), **written}
    for name in ("port", "protocol", "targetPort", "name"):
        if meant.get(name) == live.get(name, meant.get(name) if name == "protocol" else None):
            continue
        if name in live:
            yield Put((*path, name), live[name])
        elif name in written:
            yield Remove((*path, name))


def _entry(live: Mapping[str, Any]) -> dict[str, Any]:
    """A port as it is written down, without what is meant anyway."""
    entry = {name: live[name] for name in ("name", "port") if name in live}
    if live.get("targetPort") not in (None, live.get("port")):
        entry["targetPort"] = live["targetPort"]
    return entry | ({"protocol": live["protocol"]} if live.get("protocol", "TCP") != "TCP" else {})


# --- selectors, needs ------------------------------------------------------------------------


def _selector(item: ObjectComparison, path: Path, value: Any) -> Iterator[Sequence[Edit]]:
    written: Mapping[str, Any] = at(value, path)
    live: Mapping[str, Any] = _live(item).get("spec", {}).get("selector") or {}
    yield [
        *(Put((*path, key), live[key]) for key in live if written.get(key) != live[key]),
        *(Remove((*path, key)) for key in written if key not in live),
    ]


def _choices(item: ObjectComparison, value: Any) -> Iterator[Sequence[Edit]]:
    """All combinations of what can be chosen, those with the fewest edits first."""
    fields = [list(_alternatives(value, *choice)) for choice in _CHOICES]
    fields.append(list(_persistence(item, value)))
    combinations = [[edit for edits in row for edit in edits] for row in product(*fields)]
    yield from sorted((edits for edits in combinations if edits), key=len)


def _alternatives(
    value: Any, path: Path, options: tuple[Any, ...], default: Any
) -> Iterator[list[Edit]]:
    holder = at(value, path[:-1])
    now = holder.get(path[-1])
    yield []
    for option in options:
        if option != (default if now is None else now):
            yield [Put(path, option)]


def _persistence(item: ObjectComparison, value: Any) -> Iterator[list[Edit]]:
    annotations = _live(item).get("metadata", {}).get("annotations") or {}
    seconds = annotations.get(PERSISTENCE_TIMEOUT, "")
    now = at(value, ("spec",)).get("sessionPersistence")
    yield []
    if isinstance(now, dict):
        yield [Remove(_PERSISTENCE)]
    if not seconds.isdecimal():
        return
    if isinstance(now, dict):
        yield [Put((*_PERSISTENCE, "timeoutSeconds"), int(seconds))]
    else:
        yield [Put(_PERSISTENCE, {"timeoutSeconds": int(seconds)})]


def _backend(item: ObjectComparison, value: Any) -> Iterator[Sequence[Edit]]:
    """The backend that this Service was made for, as the Service is now."""
    for index, route in enumerate(at(value, ("spec",)).get("routes") or []):
        number = 0
        for position, backend in enumerate(route["backends"]):
            if backend.get("pods") is None:
                continue
            number += 1
            if backend_service(item.exposure.name, route["name"], number) == item.identity.name:
                yield from _pods(item, ("spec", "routes", index, "backends", position), value)


def _pods(item: ObjectComparison, path: Path, value: Any) -> Iterator[Sequence[Edit]]:
    (selector,) = _selector(item, (*path, "pods", "selector"), value)
    backend = at(value, path)
    ports = _live(item).get("spec", {}).get("ports") or []
    target: list[Edit] = []
    if len(ports) == 1:
        meant = backend["pods"].get("targetPort", backend["port"])
        if ports[0].get("targetPort") not in (None, meant):
            target.append(Put((*path, "pods", "targetPort"), ports[0]["targetPort"]))
    yield [*selector, *target]
    yield from (edits for edits in (selector, target) if edits)

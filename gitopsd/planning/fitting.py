"""What is left and what is written of one object has to be valid together.

The API server judges the whole: a Service whose type somebody changed takes no field of the former
type, and two ports of one name cannot stand side by side. Where a commit meets such drift, the
apply would be refused for ever; so what cannot stand together is decided together. The routes of an
Ingress are decided in `route_fitting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gitopsd.diff.manifest import port_key
from gitopsd.model.desired import Manifest
from gitopsd.model.identity import INGRESS
from gitopsd.model.observed import ObservedObject
from gitopsd.model.paths import split
from gitopsd.model.verdict import Difference
from gitopsd.planning.masking import masked
from gitopsd.planning.route_fitting import fit_routes
from gitopsd.profiles.kubernetes import TYPES_OF_FIELD

_TYPE = "spec.type"
_PORTS = ("spec", "ports")


@dataclass(frozen=True, slots=True)
class Fitted:
    """The differences to write and to leave, and why they are not just what the modes say."""

    write: tuple[Difference, ...]
    leave: tuple[Difference, ...]
    why: str = ""


def fitting(
    wanted: Manifest,
    live: ObservedObject,
    write: tuple[Difference, ...],
    leave: tuple[Difference, ...],
) -> Fitted:
    """The same differences, with those that cannot stand together decided together.

    A field that the type found does not take is left with the type: putting the type back would
    move the address. Ports that cannot stand beside those that Git asks for now are written too.
    """
    if not leave:
        return Fitted(write, leave)
    if wanted["kind"] == INGRESS:
        write, leave, why = fit_routes(wanted, live, write, leave)
        return Fitted(write, leave, "; ".join(why))
    reasons = []
    if held_back := _refused_by_type(live, write, leave):
        names = ", ".join(item.path for item in held_back)
        kind = live.manifest["spec"].get("type")
        reasons.append(f"{names} stays as found: the type is left as {kind}, which takes none")
        write = tuple(item for item in write if item not in held_back)
        leave = (*leave, *held_back)
    ports = tuple(item for item in leave if split(item.path)[:2] == _PORTS)
    if ports and not _stand_together(wanted, live, write, leave):
        reasons.append("what Git asks for cannot stand beside the ports found, so all are set")
        write = (*write, *ports)
        leave = tuple(item for item in leave if item not in ports)
    return Fitted(write, leave, "; ".join(reasons))


def _refused_by_type(
    live: ObservedObject, write: Iterable[Difference], leave: Iterable[Difference]
) -> tuple[Difference, ...]:
    if all(item.path != _TYPE for item in leave):
        return ()
    kind = live.manifest["spec"].get("type")
    return tuple(
        item
        for item in write
        if (path := split(item.path))[0] == "spec"
        and kind not in TYPES_OF_FIELD.get(path[1], frozenset((kind,)))
    )


def _resulting(
    wanted: Manifest,
    live: ObservedObject,
    write: tuple[Difference, ...],
    leave: tuple[Difference, ...],
) -> list[dict[str, Any]]:
    """The ports that stand after the apply: those found, less what goes, under those sent."""
    ports = _by_key(live.manifest)
    for item in write:
        path = split(item.path)
        if path[:2] != _PORTS or item.wanted is not None:
            continue
        if len(path) == 3:
            ports.pop(path[2], None)
        else:
            ports[path[2]].pop(path[3], None)
    for key, port in _by_key(masked(wanted, live, leave, write)).items():
        ports[key] = ports.get(key, {}) | port
    return list(ports.values())


def _by_key(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {port_key(port): dict(port) for port in manifest["spec"].get("ports") or []}


def _stand_together(
    wanted: Manifest,
    live: ObservedObject,
    write: tuple[Difference, ...],
    leave: tuple[Difference, ...],
) -> bool:
    """Whether a Service may have the ports that result (Kubernetes validation).

    Several have a name each; none at all is for types that need none, which is then so already.
    """
    ports = _resulting(wanted, live, write, leave)
    if len(ports) < 2:
        return bool(ports) or not _by_key(live.manifest)
    names = [port.get("name") for port in ports]
    return all(names) and len(set(names)) == len(names)

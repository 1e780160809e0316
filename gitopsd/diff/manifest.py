"""Services and Ingresses side by side: the fields we declare, and the closed sets.

Everything else on a live object is not ours to see (design §4, "Compared").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitopsd.model.comparison import FieldPath
from gitopsd.model.desired import Manifest
from gitopsd.model.digest import digest
from gitopsd.model.identity import SERVICE
from gitopsd.profiles.kubernetes import (
    CLOSED_ANNOTATIONS,
    CLOSED_FIELD_DEFAULTS,
    CLOSED_SERVICE_FIELDS,
    CONTROLLER_ANNOTATIONS,
    PORT_DEFAULTS,
)

#: Maps that the API server treats as one value: a key added by somebody else changes our meaning.
_ATOMIC = frozenset({"selector"})


def wanted_view(manifest: Manifest) -> dict[str, Any]:
    """What we declare, normalised for comparing: no kind or name, ports keyed by `443/TCP`.

    The rules of an Ingress stay the list that they are, for almost always that is equal; where two
    views differ, `diff.routes` tells the routes apart.
    """
    metadata = manifest.get("metadata", {})
    view: dict[str, Any] = {
        "metadata": {part: metadata.get(part) or {} for part in ("labels", "annotations")}
    }
    spec = dict(manifest.get("spec", {}))
    if manifest.get("kind") == SERVICE and "ports" in spec:
        spec["ports"] = {port_key(port): _port(port) for port in spec["ports"]}
    view["spec"] = spec
    return view


def found_view(wanted: Mapping[str, Any], live: Manifest) -> dict[str, Any]:
    """The part of a live object that answers `wanted` (a `wanted_view`), and the closed sets."""
    metadata = live.get("metadata", {})
    spec = live.get("spec", {})
    declared_spec = wanted.get("spec", {})
    view: dict[str, Any] = {"metadata": {}, "spec": _restrict(declared_spec, spec)}
    declared_labels = wanted["metadata"]["labels"]
    labels = metadata.get("labels") or {}
    view["metadata"]["labels"] = {key: labels[key] for key in declared_labels if key in labels}
    declared = wanted["metadata"]["annotations"]
    annotations = metadata.get("annotations") or {}
    view["metadata"]["annotations"] = {
        key: value
        for key, value in annotations.items()
        if key in declared or closed_annotation(key)
    }
    if live.get("kind") == SERVICE:
        _close_service(view["spec"], declared_spec, spec)
    return view


def closed_annotation(key: str) -> bool:
    """Whether an annotation nobody declared would be drift on our objects."""
    return key.startswith(CLOSED_ANNOTATIONS) and key not in CONTROLLER_ANNOTATIONS


def _close_service(
    view: dict[str, Any], declared: Mapping[str, Any], spec: Mapping[str, Any]
) -> None:
    """Put the closed sets of a Service into `view`: those with more than the server's default."""
    for name in CLOSED_SERVICE_FIELDS:
        if name == "ports":
            wanted = declared.get("ports", {})
            view["ports"] = {
                port_key(port): _told(port, wanted.get(port_key(port)))
                for port in spec.get("ports") or []
            }
        elif name not in declared and spec.get(name, CLOSED_FIELD_DEFAULTS[name]) not in (
            None,
            CLOSED_FIELD_DEFAULTS[name],
        ):
            view[name] = spec[name]


def _restrict(declared: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of `found` that are declared, all the way down; lists and atomic maps whole."""
    return {
        key: _restrict(value, found[key])
        if isinstance(value, dict) and isinstance(found[key], dict) and key not in _ATOMIC
        else found[key]
        for key, value in declared.items()
        if key in found
    }


def port_key(port: Mapping[str, Any]) -> str:
    """What tells two ports of a Service apart: `443/TCP`."""
    return f"{port.get('port')}/{port.get('protocol') or PORT_DEFAULTS['protocol']}"


def _port(port: Mapping[str, Any]) -> dict[str, Any]:
    """A port without what the API server gives out."""
    return {
        **{key: value for key, value in port.items() if key != "nodePort"},
        "protocol": port.get("protocol") or PORT_DEFAULTS["protocol"],
    }


def _told(port: Mapping[str, Any], wanted: Mapping[str, Any] | None) -> dict[str, Any]:
    """A live port as a whole, for what somebody adds to one of ours is an addition too.

    Less what the API server fills in where nobody says it: a target is the port itself.
    """
    told = _port(port)
    silent = wanted is not None and "targetPort" not in wanted
    if silent and told.get("targetPort") == told.get("port"):
        del told["targetPort"]
    return told


def removal(keys: tuple[str | int, ...], live: Manifest) -> tuple[FieldPath, ...]:
    """The fields to remove so that a closed-set addition found at `keys` is gone."""
    path = tuple(str(key) for key in keys)
    if path == ("spec", "sessionAffinity") and "sessionAffinityConfig" in live.get("spec", {}):
        return (path, ("spec", "sessionAffinityConfig"))  # without affinity it would be invalid
    return (path,)


def fingerprint(wanted: Manifest | None, live: Manifest | None) -> str:
    """What a step expects to find, and compares again at its write; "" for nothing there.

    Only what we compare counts, so that a controller's status, labels and node ports do not
    overtake a plan. Without `wanted` (a deletion) the whole spec and our marks count.
    """
    if live is None:
        return ""
    if wanted is None:
        spec = {key: value for key, value in live.get("spec", {}).items() if key != "ports"}
        ports = [_port(port) for port in live.get("spec", {}).get("ports") or []]
        labels = live.get("metadata", {}).get("labels") or {}
        marks = {key: value for key, value in labels.items() if key.startswith("gitopsd.io/")}
        return digest([spec, ports, marks])
    view = found_view(wanted_view(wanted), live)
    labels = live.get("metadata", {}).get("labels") or {}
    marks = {key: value for key, value in labels.items() if key.startswith("gitopsd.io/")}
    return digest([view, marks])

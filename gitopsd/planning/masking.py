"""Leaving fields as they are: reported and ignored drift in an object that is applied anyway.

Server-side apply removes an owned field that is left out, so a field of ours that must stay as
somebody made it is sent with its live value; once another manager owns it, it is left out (design
§5; recorded exchange "apply-leaves-out-owned-required").
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitopsd.diff.ownership import applied
from gitopsd.model.desired import Manifest
from gitopsd.model.observed import ObservedObject
from gitopsd.model.verdict import Difference

#: Parts of a manifest that the API server takes as one value: they are masked whole.
_ATOMIC = ("spec.rules", "spec.selector")
_PORTS = "spec.ports["
_ANNOTATIONS = "metadata.annotations["
_LABELS = "metadata.labels["


def masked(manifest: Manifest, live: ObservedObject, kept: Iterable[Difference]) -> Manifest:
    """The manifest to send so that the fields of `kept` stay as they are found."""
    result = {
        **manifest,
        "metadata": {**manifest["metadata"]},
        "spec": {**manifest["spec"]},
    }
    for difference in kept:
        if difference.wanted is None:
            continue  # an addition of somebody else: it is not in the manifest at all
        theirs = difference.who is not None and not applied(difference.who)
        _mask(result, {} if theirs else live.manifest, difference.path)
    return result


def _mask(result: Manifest, live: Manifest, path: str) -> None:
    for name in _ATOMIC:
        if path.startswith(name):
            _keep(result["spec"], live.get("spec", {}), name.removeprefix("spec."))
            return
    for prefix, part in ((_ANNOTATIONS, "annotations"), (_LABELS, "labels")):
        if path.startswith(prefix):
            values = {**result["metadata"].get(part, {})}
            found = live.get("metadata", {}).get(part) or {}
            _keep(values, found, path[len(prefix) : -1])
            result["metadata"][part] = values
            return
    if path.startswith(_PORTS):
        number, _, rest = path[len(_PORTS) :].partition("]")
        _mask_port(result["spec"], live.get("spec", {}), number, rest.removeprefix("."))
        return
    name = path.removeprefix("spec.").split(".")[0].split("[")[0]
    _keep(result["spec"], live.get("spec", {}), name)


def _keep(values: dict[str, Any], found: dict[str, Any], name: str) -> None:
    """The live value in place of ours; gone where somebody removed it."""
    if name in found:
        values[name] = found[name]
    else:
        values.pop(name, None)


def _mask_port(spec: dict[str, Any], found: dict[str, Any], key: str, name: str) -> None:
    live = {_key(port): port for port in found.get("ports") or []}
    ports = []
    for port in spec.get("ports", []):
        if _key(port) != key:
            ports.append(port)
        elif name and key in live:
            changed = {**port}
            _keep(changed, live[key], name)
            ports.append(changed)
        # a port that somebody removed as a whole stays removed
    spec["ports"] = ports


def _key(port: dict[str, Any]) -> str:
    return f"{port.get('port')}/{port.get('protocol') or 'TCP'}"

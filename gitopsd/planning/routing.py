"""Where an Ingress sends traffic, by its rules and its actions, before a step and after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitopsd.diff.leading import led_by
from gitopsd.diff.manifest import port_key
from gitopsd.diff.routes import Key, routes_of
from gitopsd.model.desired import Manifest
from gitopsd.model.identity import SERVICE, Identity
from gitopsd.model.paths import join
from gitopsd.model.plan import Operation, Step
from gitopsd.profiles.kubernetes import USE_ANNOTATION

#: A Service, and the port of it as an Ingress writes it: `80`, or a name.
Backend = tuple[Identity, str]

#: The controller reads the key in any case (facts §4.3).
_SERVICE_NAME = re.compile(r'"ServiceName"\s*:\s*"([^"]+)"', re.IGNORECASE)


def routed_services(manifest: Manifest) -> frozenset[Identity]:
    """The Services behind an Ingress; empty for anything else."""
    if manifest.get("kind") != "Ingress":
        return frozenset()
    metadata = manifest.get("metadata", {})
    names = set(_plain(manifest.get("spec", {})))
    for value in (metadata.get("annotations") or {}).values():
        names |= set(_SERVICE_NAME.findall(value))
    return frozenset(Identity(SERVICE, metadata.get("namespace", ""), name) for name in names)


@dataclass(frozen=True, slots=True)
class Destination:
    """A Service that a route leads to, with the weight that it has there.

    `action` is the annotation that says so; a route that leads straight there has none.
    """

    route: Key
    action: str | None
    backend: Backend
    weight: int


def backends_of(manifest: Manifest) -> Mapping[Backend, bool]:
    """The Services that the routes of an Ingress lead to, and whether they give them a share."""
    found: dict[Backend, bool] = {}
    for to in destinations_of(manifest):
        found[to.backend] = found.get(to.backend, False) or to.weight > 0
    return found


def destinations_of(manifest: Manifest) -> Iterator[Destination]:
    """Every Service that a route of an Ingress leads to; none for anything else."""
    if manifest.get("kind") != "Ingress":
        return
    metadata = manifest.get("metadata", {})
    annotations = metadata.get("annotations") or {}
    for key, route in routes_of(manifest.get("spec", {}).get("rules")).items():
        led = led_by(route.backend, annotations)
        for destination, share in led.shares.items():
            service, colon, number = destination.rpartition(":")
            if colon:
                backend = (Identity(SERVICE, metadata.get("namespace", ""), service), number)
                yield Destination(key, led.action, backend, 1 if share is None else share)


def services_after(step: Step | None, live: Manifest) -> frozenset[Identity]:
    """The Services behind a live object once its step is done; None is no step."""
    return routed_services(manifest_after(step, live))


def manifest_after(step: Step | None, live: Manifest) -> Manifest:
    """An object as it stands once its step is done, {} where it is gone; None is no step.

    What an update leaves to others is not in what it sends, and stays.
    """
    if step is None:
        return live
    if step.operation is Operation.DELETE:
        return {}
    sent: Manifest = step.payload["manifest"]
    if step.operation not in (Operation.UPDATE, Operation.ADOPT):
        return sent
    gone = {change.path for change in step.changes if change.new is None}
    found, metadata = live.get("metadata", {}).get("annotations") or {}, sent["metadata"]
    kept = {
        key: v for key, v in found.items() if join(("metadata", "annotations", key)) not in gone
    }
    annotations = {**kept, **(metadata.get("annotations") or {})}
    spec = {**live.get("spec", {}), **sent.get("spec", {})}
    if ports := [*_ports_after(live, sent, gone)]:
        spec["ports"] = ports
    return {**sent, "metadata": {**metadata, "annotations": annotations}, "spec": spec}


def _ports_after(live: Manifest, sent: Manifest, gone: set[str]) -> Iterator[dict[str, Any]]:
    """The ports of a Service: those sent, and those found that nobody takes away."""
    asked = {port_key(port): port for port in sent.get("spec", {}).get("ports") or []}
    yield from asked.values()
    for port in live.get("spec", {}).get("ports") or []:
        key = port_key(port)
        if key not in asked and join(("spec", "ports", key)) not in gone:
            yield port


def _plain(spec: dict[str, Any]) -> Iterator[str]:
    for rule in spec.get("rules") or []:
        for path in (rule.get("http") or {}).get("paths") or []:
            service = (path.get("backend") or {}).get("service") or {}
            if service.get("port", {}).get("name") != USE_ANNOTATION and "name" in service:
                yield service["name"]

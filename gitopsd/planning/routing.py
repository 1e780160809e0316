"""Which Services an Ingress sends traffic to, by its rules and its actions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gitopsd.model.desired import Manifest
from gitopsd.model.identity import SERVICE, Identity
from gitopsd.model.paths import join
from gitopsd.model.plan import Operation, Step
from gitopsd.profiles.kubernetes import USE_ANNOTATION

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


def services_after(step: Step | None, live: Manifest) -> frozenset[Identity]:
    """The Services behind a live object once its step is done; None is no step.

    What an update leaves to others is not in what it sends, and stays.
    """
    if step is None:
        return routed_services(live)
    if step.operation is Operation.DELETE:
        return frozenset()
    sent = step.payload["manifest"]
    if step.operation is not Operation.UPDATE:
        return routed_services(sent)
    gone = {change.path for change in step.changes if change.new is None}
    found, metadata = live.get("metadata", {}).get("annotations") or {}, sent["metadata"]
    kept = {
        key: v for key, v in found.items() if join(("metadata", "annotations", key)) not in gone
    }
    annotations = {**kept, **(metadata.get("annotations") or {})}
    spec = {**live.get("spec", {}), **sent.get("spec", {})}
    return routed_services(
        {**sent, "metadata": {**metadata, "annotations": annotations}, "spec": spec}
    )


def _plain(spec: dict[str, Any]) -> Iterator[str]:
    for rule in spec.get("rules") or []:
        for path in (rule.get("http") or {}).get("paths") or []:
            service = (path.get("backend") or {}).get("service") or {}
            if service.get("port", {}).get("name") != USE_ANNOTATION and "name" in service:
                yield service["name"]

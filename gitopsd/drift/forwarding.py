"""Reading where a manifest sends requests: rules and actions of an Ingress, ports of a Service."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitopsd.model.desired import Manifest
from gitopsd.profiles.annotations import ACTIONS
from gitopsd.profiles.kubernetes import USE_ANNOTATION


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """What tells two routes of one object apart: host, path and its type, or a port."""

    host: str = ""
    path: str = ""
    path_type: str = ""
    port: str = ""


@dataclass(frozen=True, slots=True)
class Forward:
    """A destination: a Service (`service`, `port`), a group (`group`: id or placeholder), or pods.

    `pods` is the selector and port of a layer-4 destination. `weight` is None for the only one.
    """

    weight: int | None = None
    service: str = ""
    port: str = ""
    group: str = ""
    pods: str = ""


#: None where an action is there and cannot be read as a forward.
Forwards = tuple[Forward, ...] | None


def forwards_of(manifest: Manifest) -> Mapping[Match, Forwards]:
    """Every route of an Ingress or Service, in its order; of two alike the first."""
    read = _ingress if manifest.get("kind") == "Ingress" else _service
    found: dict[Match, Forwards] = {}
    for match, forwards in read(manifest):
        found.setdefault(match, forwards)
    return found


def _ingress(manifest: Manifest) -> Iterator[tuple[Match, Forwards]]:
    annotations = manifest.get("metadata", {}).get("annotations") or {}
    for rule in manifest.get("spec", {}).get("rules") or []:
        for path in (rule.get("http") or {}).get("paths") or []:
            service = (path.get("backend") or {}).get("service") or {}
            port = service.get("port") or {}
            match = Match(rule.get("host", ""), path.get("path", ""), path.get("pathType", ""))
            if port.get("name") == USE_ANNOTATION:
                yield match, _action(annotations.get(ACTIONS + service.get("name", "")))
            else:
                number = str(port.get("number", port.get("name", "")))
                yield match, (Forward(None, service.get("name", ""), number),)


def _action(text: str | None) -> Forwards:
    """The destinations of a forward action; None for another action, or text that is none.

    The controller reads keys in any case (facts §4.3).
    """
    if text is None:
        return ()
    try:
        return tuple(
            Forward(
                max(int(_get(entry, "Weight") or 0), 0),
                str(_get(entry, "ServiceName") or ""),
                str(_get(entry, "ServicePort") or ""),
                str(_get(entry, "ServerGroupID") or ""),
            )
            for action in json.loads(text)
            for entry in _get(_get(action, "ForwardConfig"), "ServerGroups")
        )
    except (ValueError, TypeError, AttributeError):
        return None


def _get(mapping: Any, name: str) -> Any:
    return next((value for key, value in mapping.items() if key.lower() == name.lower()), None)


def _service(manifest: Manifest) -> Iterator[tuple[Match, Forwards]]:
    """The ports that a load balancer listens on; none when the Service asks for no balancer."""
    spec = manifest.get("spec", {})
    if spec.get("type") != "LoadBalancer":
        return
    for port in spec.get("ports") or []:
        match = Match(port=f"{port.get('port')}/{port.get('protocol', 'TCP')}")
        yield match, (Forward(pods=pods_of(spec, port)),)


def pods_of(spec: Mapping[str, Any], port: Mapping[str, Any]) -> str:
    """`app=tea → 8080`: the pods that a Service port reaches, by their labels and port."""
    selector = ",".join(f"{key}={value}" for key, value in sorted(_map(spec, "selector").items()))
    return f"{selector} → {port.get('targetPort', port.get('port'))}"


def pods_behind(manifest: Manifest) -> str:
    """The pods behind a Service of one port, which is what a backend given as pods becomes."""
    spec = {**manifest.get("spec", {}), "type": "LoadBalancer"}
    return ", ".join(forward.pods for _, some in _service({"spec": spec}) for forward in some or ())


def _map(spec: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = spec.get(name) or {}
    return found

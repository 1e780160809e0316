"""What is told of something new on one line: enough to recognise it, not every field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitopsd.model.plan import Step
from gitopsd.typography import clean, count

#: So many hosts or ports are named; the rest is counted.
_NAMED = 3


def is_new(step: Step) -> bool:
    """Whether the step makes a whole thing where nothing is."""
    return len(step.changes) == 1 and step.changes[0].path == "" and step.changes[0].old is None


def essence(step: Step, members: int) -> str:
    """Of a Service its type and ports, of an Ingress its hosts, of a group its `members`.

    `step` is one that `is_new`. The text is safe to print.
    """
    new = step.changes[0].new
    if step.kind == "ServerGroup":
        parts = [step.payload.get("product", ""), new.get("Protocol", ""), count(members, "member")]
        return clean(", ".join(part for part in parts if part))
    spec = new.get("spec", {})
    return clean(_service(spec) if step.kind == "Service" else _some(list(_hosts(spec))))


def _service(spec: Mapping[str, Any]) -> str:
    ports = [_port(port) for port in spec.get("ports", [])]
    kind = spec.get("type", "ClusterIP")
    if balancer := spec.get("loadBalancerClass"):
        kind += f" {balancer}"
    return f"{kind}, {'port' if len(ports) == 1 else 'ports'} {_some(ports)}" if ports else kind


def _port(port: Mapping[str, Any]) -> str:
    """`443 → 8443`; the protocol where it is not TCP: `53/UDP`."""
    number, target = port.get("port"), port.get("targetPort")
    protocol = port.get("protocol", "TCP")
    text = f"{number}" if protocol == "TCP" else f"{number}/{protocol}"
    return text if target in (None, number) else f"{text} → {target}"


def _hosts(spec: Mapping[str, Any]) -> Iterator[str]:
    """Each host with each of its paths; `*` for a rule that holds for every host."""
    for rule in spec.get("rules", []):
        for path in rule.get("http", {}).get("paths", []):
            yield f"{rule.get('host') or '*'}{path.get('path', '')}"


def _some(items: Sequence[str]) -> str:
    more = len(items) - _NAMED
    named = ", ".join(items[:_NAMED])
    return f"{named} and {more:,} more" if more > 0 else named

"""A CLB or NLB Exposure becomes one Service (design §3, all three tables)."""

from __future__ import annotations

from typing import NamedTuple

from gitopsd.compiler.draft import Draft
from gitopsd.compiler.site import Site, head
from gitopsd.model.desired import DesiredObject
from gitopsd.model.identity import SERVICE, Identity
from gitopsd.profiles import annotations as keys
from gitopsd.profiles.kubernetes import NLB_CLASS
from gitopsd.profiles.placement import LOCAL_ANNOTATIONS, NEEDS, Cell, Need, Policy, cell
from gitopsd.spec.document import Document, Path
from gitopsd.spec.model import ExposureSpec, Pods

_NEED_RULES: dict[Need, str] = {"preserveClientIP": "GR0217", "sessionPersistence": "GR0218"}


def compile_service(document: Document[ExposureSpec], site: Site) -> DesiredObject:
    """The Service at this target. The document has passed all checks for it."""
    spec = document.spec
    kind = spec.load_balancer.type
    placed = cell(kind, pods_of(spec).placement, site.target.network_plugin)
    draft = Draft()
    head(draft, site, document, ("v1", SERVICE), (document.identity.name, "GR0102"))
    decided = _policy(spec, placed)
    _load_balancer(draft, document, site)
    _backends(draft, document, site, placed)
    _needs(draft, document, placed, decided)
    type_place = document.where("spec", "loadBalancer", "type")
    draft.put("LoadBalancer", "GR0201", type_place, "spec", "type")
    if kind == "NLB":
        draft.put(NLB_CLASS, "GR0202", type_place, "spec", "loadBalancerClass")
    place = document.where(*decided.path)
    draft.put(decided.policy, decided.rule, place, "spec", "externalTrafficPolicy")
    put_selector(draft, document, pods_of(spec).selector, ("spec", "pods", "selector"))
    _ports(draft, document)
    return DesiredObject(
        identity=Identity(SERVICE, document.identity.namespace, document.identity.name),
        exposure=document.identity,
        manifest=draft.content,
        origins=draft.origins,
        drift=site.drift(document, SERVICE),
        position=document.where("metadata", "name"),
    )


def pods_of(spec: ExposureSpec) -> Pods:
    """The pods of a layer-4 Exposure; the checks see to it that there are some."""
    if spec.pods is None:
        raise ValueError("a layer-4 Exposure without pods is held and never compiled")
    return spec.pods


class _Decision(NamedTuple):
    """A traffic policy, the rule that chose it, and where the spec asks for it."""

    policy: Policy
    rule: str
    path: Path


def needs_of(spec: ExposureSpec) -> list[Need]:
    """What the Exposure needs."""
    needs: list[Need] = []
    if spec.preserve_client_ip:
        needs.append("preserveClientIP")
    if spec.session_persistence:
        needs.append("sessionPersistence")
    return needs


def _policy(spec: ExposureSpec, placed: Cell) -> _Decision:
    if placed.always_cluster:
        return _Decision("Cluster", "GR0214", ("spec", "pods", "placement"))
    if spec.traffic_policy != "Auto":
        return _Decision(spec.traffic_policy, "GR0213", ("spec", "trafficPolicy"))
    effects = NEEDS[spec.load_balancer.type, placed.backends]
    for need in needs_of(spec):
        policy = effects[need].policy
        if policy is not None:
            return _Decision(policy, "GR0212", ("spec", need))
    if placed.backends == "pods":
        return _Decision("Cluster", "GR0215", ("spec", "pods", "placement"))
    return _Decision("Cluster", "GR0211", ("spec",))


def _annotate(
    draft: Draft, document: Document[ExposureSpec], key: str, value: str, rule: str, path: Path
) -> None:
    draft.put(value, rule, document.where(*path), "metadata", "annotations", key)


def _load_balancer(draft: Draft, document: Document[ExposureSpec], site: Site) -> None:
    """Where the load balancer is, and who reaches it.

    A CLB is reachable from the Internet when nothing is said, and the documents say nothing. An
    NLB can change its scheme, but an annotation that is taken away changes nothing (facts §1.6),
    so its scheme is always written.
    """
    balancer = document.spec.load_balancer
    scheme: Path = ("spec", "loadBalancer", "scheme")
    if balancer.type == "NLB":
        zones = site.target.nlb.zones if site.target.nlb else {}
        maps = ",".join(f"{zone}:{vswitch}" for zone, vswitch in zones.items())
        kind: Path = ("spec", "loadBalancer", "type")
        _annotate(draft, document, keys.ZONE_MAPS, maps, "GR0203", kind)
    if balancer.type == "NLB" or balancer.scheme == "Intranet":
        address = "intranet" if balancer.scheme == "Intranet" else "internet"
        _annotate(draft, document, keys.ADDRESS_TYPE, address, "GR0204", scheme)


def _backends(draft: Draft, document: Document[ExposureSpec], site: Site, placed: Cell) -> None:
    """What the load balancer registers: pods, or the nodes that a label tells."""
    placement: Path = ("spec", "pods", "placement")
    if placed.backends == "pods":
        _annotate(draft, document, keys.BACKEND_TYPE, keys.ENI, "GR0205", placement)
    elif site.target.nodes.cloud_label is not None:
        label = site.target.nodes.cloud_label
        _annotate(draft, document, keys.BACKEND_LABEL, label, "GR0207", placement)
    if placed.ip_group:
        _annotate(draft, document, keys.SERVER_GROUP_TYPE, keys.IP_GROUP, "GR0206", placement)


def _needs(
    draft: Draft, document: Document[ExposureSpec], placed: Cell, decided: _Decision
) -> None:
    """What the needs ask for besides a policy."""
    spec = document.spec
    if decided.policy == "Local" and placed.backends == "nodes":
        for key, value in LOCAL_ANNOTATIONS.items():
            _annotate(draft, document, key, value, "GR0216", decided.path)
    effects = NEEDS[spec.load_balancer.type, placed.backends]
    for need in needs_of(spec):
        for key, value in effects[need].annotations.items():
            _annotate(draft, document, key, value, _NEED_RULES[need], ("spec", need))
    if spec.session_persistence:
        seconds = str(spec.session_persistence.timeout_seconds)
        path: Path = ("spec", "sessionPersistence", "timeoutSeconds")
        _annotate(draft, document, keys.PERSISTENCE_TIMEOUT, seconds, "GR0218", path)


def put_selector(
    draft: Draft, document: Document[ExposureSpec], selector: dict[str, str], path: Path
) -> None:
    """Write a selector, as it stands at `path` of the document."""
    for label, value in selector.items():
        draft.put(value, "GR0221", document.where(*path, label), "spec", "selector", label)


def _ports(draft: Draft, document: Document[ExposureSpec]) -> None:
    for index, port in enumerate(document.spec.ports or []):
        written: Path = ("spec", "ports", index)
        here: Path = ("spec", "ports", index)
        if port.name is not None:
            draft.put(port.name, "GR0221", document.where(*written, "name"), *here, "name")
        draft.put(port.port, "GR0221", document.where(*written, "port"), *here, "port")
        rule = "GR0222" if port.target_port is None else "GR0221"
        target_port = port.port if port.target_port is None else port.target_port
        draft.put(target_port, rule, document.where(*written, "targetPort"), *here, "targetPort")
        rule = "GR0221" if "protocol" in port.model_fields_set else "GR0223"
        draft.put(port.protocol, rule, document.where(*written, "protocol"), *here, "protocol")

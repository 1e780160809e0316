"""A CLB or NLB Exposure becomes one Service (design §3, all three tables)."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from gitopsd.compiler.draft import Draft, written
from gitopsd.compiler.site import Site, head
from gitopsd.model.desired import DesiredObject
from gitopsd.model.identity import SERVICE, Identity
from gitopsd.profiles import annotations as keys
from gitopsd.profiles.kubernetes import NLB_CLASS
from gitopsd.profiles.placement import LOCAL_ANNOTATIONS, NEEDS, Cell, Need, Policy, cell
from gitopsd.spec.document import Document, Path
from gitopsd.spec.model import ExposureSpec, Pods

_TYPE: Path = ("spec", "loadBalancer", "type")
_PLACEMENT: Path = ("spec", "pods", "placement")
_NEED_RULES: dict[Need, str] = {"preserveClientIP": "GR0217", "sessionPersistence": "GR0218"}


def compile_service(document: Document[ExposureSpec], site: Site) -> DesiredObject:
    """The Service at this target. The document has passed all checks for it."""
    manifest, origins = written(document, partial(_write, spec=document.spec, site=site))
    return DesiredObject(
        identity=Identity(SERVICE, document.identity.namespace, document.identity.name),
        exposure=document.identity,
        manifest=manifest,
        origins=origins,
        drift=site.drift(document, SERVICE),
        position=document.where("metadata", "name"),
        placement=_pods_of(document.spec).placement,
    )


def _write(draft: Draft, spec: ExposureSpec, site: Site) -> None:
    kind = spec.load_balancer.type
    placed = cell(kind, _pods_of(spec).placement, site.target.network_plugin)
    head(draft, site, ("v1", SERVICE), (draft.document.identity.name, "GR0102"))
    decided = _policy(spec, placed)
    _load_balancer(draft, spec, site)
    _backends(draft, site, placed)
    _needs(draft, spec, placed, decided)
    draft.put("LoadBalancer", "GR0201", _TYPE, "spec", "type")
    if kind == "NLB":
        draft.put(NLB_CLASS, "GR0202", _TYPE, "spec", "loadBalancerClass")
    draft.put(decided.policy, decided.rule, decided.path, "spec", "externalTrafficPolicy")
    put_selector(draft, _pods_of(spec).selector, ("spec", "pods", "selector"))
    _ports(draft, spec)


def _pods_of(spec: ExposureSpec) -> Pods:
    """The pods of a layer-4 Exposure; the checks see to it that there are some."""
    if spec.pods is None:
        raise ValueError("a layer-4 Exposure without pods is held and never compiled")
    return spec.pods


class _Decision(NamedTuple):
    """A traffic policy, the rule that chose it, and where the spec asks for it."""

    policy: Policy
    rule: str
    path: Path


def _needs_of(spec: ExposureSpec) -> list[Need]:
    """What the Exposure needs."""
    needs: list[Need] = []
    if spec.preserve_client_ip:
        needs.append("preserveClientIP")
    if spec.session_persistence:
        needs.append("sessionPersistence")
    return needs


def _policy(spec: ExposureSpec, placed: Cell) -> _Decision:
    if placed.always_cluster:
        return _Decision("Cluster", "GR0214", _PLACEMENT)
    if spec.traffic_policy != "Auto":
        return _Decision(spec.traffic_policy, "GR0213", ("spec", "trafficPolicy"))
    effects = NEEDS[spec.load_balancer.type, placed.backends]
    for need in _needs_of(spec):
        policy = effects[need].policy
        if policy is not None:
            return _Decision(policy, "GR0212", ("spec", need))
    if placed.backends == "pods":
        return _Decision("Cluster", "GR0215", _PLACEMENT)
    return _Decision("Cluster", "GR0211", ("spec",))


def _annotate(draft: Draft, key: str, value: str, rule: str, asked: Path) -> None:
    draft.put(value, rule, asked, "metadata", "annotations", key)


def _load_balancer(draft: Draft, spec: ExposureSpec, site: Site) -> None:
    """Where the load balancer is, and who reaches it.

    A CLB is reachable from the Internet when nothing is said, and the documents say nothing. An
    NLB can change its scheme, but an annotation that is taken away changes nothing (facts §1.6),
    so its scheme is always written.
    """
    balancer = spec.load_balancer
    if balancer.type == "NLB":
        zones = site.target.nlb.zones if site.target.nlb else {}
        maps = ",".join(f"{zone}:{vswitch}" for zone, vswitch in zones.items())
        _annotate(draft, keys.ZONE_MAPS, maps, "GR0203", _TYPE)
    if balancer.type == "NLB" or balancer.scheme == "Intranet":
        address = "intranet" if balancer.scheme == "Intranet" else "internet"
        scheme: Path = ("spec", "loadBalancer", "scheme")
        _annotate(draft, keys.ADDRESS_TYPE, address, "GR0204", scheme)


def _backends(draft: Draft, site: Site, placed: Cell) -> None:
    """What the load balancer registers: pods, or the nodes that a label tells."""
    label = site.target.nodes.cloud_label
    if placed.backends == "pods":
        _annotate(draft, keys.BACKEND_TYPE, keys.ENI, "GR0205", _PLACEMENT)
    elif label is not None:
        _annotate(draft, keys.BACKEND_LABEL, label, "GR0207", _PLACEMENT)
    if placed.ip_group:
        _annotate(draft, keys.SERVER_GROUP_TYPE, keys.IP_GROUP, "GR0206", _PLACEMENT)


def _needs(draft: Draft, spec: ExposureSpec, placed: Cell, decided: _Decision) -> None:
    """What the needs ask for besides a policy."""
    if decided.policy == "Local" and placed.backends == "nodes":
        for key, value in LOCAL_ANNOTATIONS.items():
            _annotate(draft, key, value, "GR0216", decided.path)
    effects = NEEDS[spec.load_balancer.type, placed.backends]
    for need in _needs_of(spec):
        for key, value in effects[need].annotations.items():
            _annotate(draft, key, value, _NEED_RULES[need], ("spec", need))
    if spec.session_persistence:
        seconds = str(spec.session_persistence.timeout_seconds)
        timeout: Path = ("spec", "sessionPersistence", "timeoutSeconds")
        _annotate(draft, keys.PERSISTENCE_TIMEOUT, seconds, "GR0218", timeout)


def put_selector(draft: Draft, selector: dict[str, str], asked: Path) -> None:
    """Write a selector, as it stands at `asked` of the document."""
    for label, value in selector.items():
        draft.put(value, "GR0221", (*asked, label), "spec", "selector", label)


def _ports(draft: Draft, spec: ExposureSpec) -> None:
    for index, port in enumerate(spec.ports or []):
        path: Path = ("spec", "ports", index)  # the same in the spec and in the Service
        if port.name is not None:
            draft.put(port.name, "GR0221", (*path, "name"), *path, "name")
        draft.put(port.port, "GR0221", (*path, "port"), *path, "port")
        rule = "GR0222" if port.target_port is None else "GR0221"
        target_port = port.port if port.target_port is None else port.target_port
        draft.put(target_port, rule, (*path, "targetPort"), *path, "targetPort")
        rule = "GR0221" if "protocol" in port.model_fields_set else "GR0223"
        draft.put(port.protocol, rule, (*path, "protocol"), *path, "protocol")

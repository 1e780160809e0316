"""Checks of a CLB or NLB Exposure at a target: the tables of design §3."""

from __future__ import annotations

from collections.abc import Callable

from gitopsd.profiles.limits import CLUSTER_ID, CONTROLLER_GROUP_NAME, NODE_PORT
from gitopsd.profiles.placement import EDGE_PLUGINS, NEEDS, POD_ADDRESS_PLUGINS, Need, cell
from gitopsd.rules.table import ERROR, WARNING, Finding, Findings, Rule, known, listed
from gitopsd.rules.views import ExposureAt, ExposureView, Repository, TargetView
from gitopsd.spec.document import Path

#: What an NLB needs to reach pods outside the cloud, as messages call it.
EDGE_NLB_PLUGIN = "Terway Edge"

_PLACEMENT = ("spec", "pods", "placement")
_NEED_PATHS: dict[Need, Path] = {
    "preserveClientIP": ("spec", "preserveClientIP"),
    "sessionPersistence": ("spec", "sessionPersistence"),
}


def _needs(at: ExposureAt) -> tuple[Need, ...]:
    """The needs that are stated, as far as is known."""
    asked: dict[Need, Callable[[], object]] = {
        "preserveClientIP": lambda: at.spec.preserve_client_ip,
        "sessionPersistence": lambda: at.spec.session_persistence,
    }
    return tuple(need for need, value in asked.items() if known(value))


def no_path(at: ExposureAt) -> Findings:
    """A cell of the table that has no way to the pods."""
    if at.cell.refusal:
        plugin = at.target.spec.network_plugin
        placement = at.spec.pods.placement if at.spec.pods else ""
        yield Finding(
            f"an NLB cannot reach {placement} pods with {plugin}, the network plugin of"
            f" {at.target.name}",
            _PLACEMENT,
            why=f"{at.cell.refusal[0].upper()}{at.cell.refusal[1:]} (facts §3.2).",
            mend=f"Use a target with {EDGE_NLB_PLUGIN}." if _needs(at) else "",
        )


def not_over_nodes(at: ExposureAt) -> Findings:
    """A need that forwarding through ECS nodes cannot meet."""
    if not at.cell.always_cluster:
        return
    placement = at.spec.pods.placement if at.spec.pods else ""
    asked: list[tuple[str, Path, str]] = [
        (need, _NEED_PATHS[need], _way_over_nlb(need)) for need in _needs(at)
    ]
    if known(lambda: at.spec.traffic_policy) == "Local":
        asked.append(("trafficPolicy: Local", ("spec", "trafficPolicy"), ""))
    for name, path, mend in asked:
        yield Finding(f"{name} cannot be had for {placement} pods behind a CLB", path, mend=mend)


def _way_over_nlb(need: Need) -> str:
    """How an NLB that registers the pods themselves helps with a need; "" where it does not."""
    if NEEDS["NLB", "pods"][need].refusal:
        return ""
    return f"Remove it, or use an NLB at a target with {EDGE_NLB_PLUGIN}, which meets the need."


def better_way(at: ExposureAt) -> Findings:
    """A path that works, where another is recommended."""
    if at.cell.advice:
        yield Finding(
            "Hybrid pods behind a CLB are reached only by forwarding through ECS nodes",
            _PLACEMENT,
            why=f"Better: {at.cell.advice}.",
        )


def no_circuit(at: ExposureAt) -> Findings:
    """Pods outside the cloud, and no circuit to them."""
    if at.cell.circuit and not at.cell.refusal and not at.target.has_circuit:
        placement = at.spec.pods.placement if at.spec.pods else ""
        yield Finding(
            f"target {at.target.name} declares no Express Connect circuit, and {placement} pods"
            " are reached over one",
            _PLACEMENT,
        )


def no_persistence(at: ExposureAt) -> Findings:
    """A need that this load balancer cannot meet at all."""
    placement = at.spec.pods.placement if at.spec.pods else "Cloud"
    clb = cell("CLB", placement, at.target.spec.network_plugin)
    for need in _needs(at):
        effect = NEEDS[at.exposure.kind, at.cell.backends][need]
        if effect.refusal:
            yield Finding(
                f"{need} cannot be had from an {at.exposure.kind}",
                _NEED_PATHS[need],
                why=f"{effect.refusal[0].upper()}{effect.refusal[1:]}.",
                mend=f"Remove it: a CLB has none for {placement} pods either."
                if clb.always_cluster
                else "",
            )


def contradiction(at: ExposureAt) -> Findings:
    """A stated policy that takes away what is needed."""
    stated = at.spec.traffic_policy
    if stated == "Auto" or at.cell.always_cluster:
        return
    effects = NEEDS[at.exposure.kind, at.cell.backends]
    against = [n for n in _needs(at) if effects[n].policy not in (None, stated)]
    if against:
        yield Finding(
            f"trafficPolicy: {stated} contradicts {listed(against)}", ("spec", "trafficPolicy")
        )


def no_say(at: ExposureAt) -> Findings:
    """A stated policy that changes nothing."""
    pods = at.cell.backends == "pods" and not at.cell.refusal
    if at.spec.traffic_policy == "Local" and pods:
        yield Finding(
            "trafficPolicy: Local changes nothing when pods are the backends",
            ("spec", "trafficPolicy"),
        )


def zones(at: ExposureAt) -> Findings:
    """An NLB, and nowhere to put it."""
    if at.exposure.kind != "NLB":
        return
    declared = len(at.target.spec.nlb.zones) if at.target.spec.nlb else 0
    if declared < 2:
        count = "no zones" if not declared else "only one zone"
        yield Finding(
            f"target {at.target.name} has {count} for NLBs, and an NLB needs two",
            ("spec", "loadBalancer", "type"),
        )


def other_nodes(repository: Repository) -> Findings:
    """Nodes as backends in clusters that have others than ECS; told once for each target."""
    for target in repository.targets.values():
        users = [v.identity.key for v in repository.exposures if known(_on_mixed_nodes, v, target)]
        if users:
            more = [f"{len(users) - 3} more"] if len(users) > 3 else []
            yield Finding(
                f"target {target.name} has other nodes than ECS and no label that tells them apart;"
                f" nodes are the backends of {listed(users[:3] + more)}",
                ("spec", "targets", target.index, "nodes", "cloudLabel"),
                document=repository.fleet,
                target=target.name,
            )


def _on_mixed_nodes(view: ExposureView, target: TargetView) -> bool:
    """Whether nodes, of which some may not be ECS, are the backends of this Exposure here."""
    if target.spec.nodes.cloud_label is not None or target not in view.targets:
        return False
    plugin = target.spec.network_plugin
    if view.kind == "ALB":
        pods = any(b.pods for route in view.spec.routes or [] for b in route.backends)
        return pods and plugin in EDGE_PLUGINS - POD_ADDRESS_PLUGINS
    placed = ExposureAt(view, target).cell
    return placed.backends == "nodes" and (plugin in EDGE_PLUGINS or placed.circuit)


def long_name(at: ExposureAt) -> Findings:
    """A Service whose NLB group gets a name that the API refuses."""
    if at.exposure.kind != "NLB":
        return
    cluster = len(at.target.spec.cluster_id or "") or CLUSTER_ID
    identity = at.exposure.identity
    for index, port in enumerate(at.spec.ports or []):
        number = NODE_PORT
        if at.cell.backends == "pods":
            number = len(str(port.target_port or port.port))
        parts = (3, number, 3, len(identity.name), len(identity.namespace), cluster)
        length = sum(parts) + len(parts) - 1
        if length > CONTROLLER_GROUP_NAME:
            yield Finding(
                f"the server group of port {port.port} would have a name of {length} characters",
                ("spec", "ports", index),
            )
            return


RULES: tuple[Rule[ExposureAt], ...] = (
    Rule(
        "GX0321", ERROR, "no path to the pods", no_path,
        "An NLB reaches pods outside the cloud only by their own addresses.",
        "Use a target with Terway Edge, or a CLB, which forwards through ECS nodes.",
    ),
    Rule(
        "GX0322", ERROR, "not over ECS forwarding", not_over_nodes,
        "Requests for pods outside the cloud come in on any ECS node and are forwarded over the"
        " circuit: the policy has to be Cluster, which hides the client's address and keeps no"
        " sessions; with Local the load balancer would have no backend at all (facts §3.2).",
        "Remove it.",
    ),
    Rule(
        "GX0323", WARNING, "Hybrid pods behind a CLB", better_way,
        "An NLB registers the pods themselves.",
        f"Use loadBalancer.type: NLB, at a target with {EDGE_NLB_PLUGIN}.",
    ),
    Rule(
        "GX0324", ERROR, "no Express Connect circuit declared", no_circuit,
        "Without a circuit between VPC and edge no request reaches these pods (facts §3.2).",
        "Have the circuit built, and declare it in fleet.yaml: expressConnect of a network of the"
        " target.",
    ),
    Rule(
        "GX0325", ERROR, "need cannot be met", no_persistence,
        "The Service would be made without it, and nobody would notice.",
        "Remove it, or use a CLB.",
    ),
    Rule(
        "GX0326", ERROR, "policy contradicts a need", contradiction,
        "Only Local keeps the client's address and sessions when nodes are the backends"
        " (facts §3.1).",
        "Remove trafficPolicy, and let the needs decide.",
    ),
    Rule(
        "GX0327", WARNING, "policy has no say", no_say,
        "Pods are registered by their own addresses, whatever the policy (facts §3.1).",
        "Remove trafficPolicy.",
    ),
    Rule(
        "GX0328", ERROR, "no zones for an NLB", zones,
        "The cloud controller makes no NLB without zones, and the API refuses fewer than two"
        " (facts §1.4).",
        "Add them to the target in fleet.yaml: nlb.zones, zone: vSwitch.",
    ),
    Rule(
        "GX0330", ERROR, "name too long for an NLB", long_name,
        "The cloud controller builds it from port, name, namespace and cluster id, and the API"
        " takes at most 128 characters (facts §1.6).",
        "Shorten the Exposure's name.",
    ),
)  # fmt: skip

REPOSITORY_RULES: tuple[Rule[Repository], ...] = (
    Rule(
        "GX0329", WARNING, "other nodes not told apart", other_nodes,
        "One node that is not an ECS instance stops the whole Service: on a CLB without a word, on"
        " an NLB with an error (facts §3.2).",
        "Set nodes.cloudLabel of the target to a label that only ECS nodes carry, or see that the"
        " other nodes carry service.alibabacloud.com/exclude-node.",
    ),
)  # fmt: skip

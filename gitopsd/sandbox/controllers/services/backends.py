"""Which servers a port of a Service gets, with which weights (facts §3.1, §3.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from gitopsd.sandbox.controllers import nodes
from gitopsd.sandbox.controllers.objects import Item, Objects, key_of
from gitopsd.sandbox.controllers.services.naming import target_port
from gitopsd.sandbox.controllers.services.options import Options
from gitopsd.sandbox.controllers.services.outcome import ModelError

Policy = Literal["eni", "Local", "Cluster"]
Kind = Literal["ecs", "eni", "ip"]
DEFAULT_WEIGHT: Final = 100
_GATE: Final = "service.readiness.alibabacloud.com/"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A pod's address with the port it serves on; `node` is None where no node is known.

    on_instance: the node is one whose pods have network interfaces of the VPC.
    """

    address: str
    port: int
    node: str | None
    on_instance: bool = False


@dataclass(frozen=True, slots=True)
class Backend:
    """A server before its network interface is looked up.

    `ecs`: an instance by `server_id`. `ip`: an address. `eni`: a pod that needs an interface.
    """

    kind: Kind
    port: int
    server_id: str = ""
    ip: str = ""
    weight: int = DEFAULT_WEIGHT
    on_instance: bool = False


@dataclass(frozen=True, slots=True)
class Weights:
    """The share of a group in reuse mode (`total`), or each server's default; None: not said.

    least_pod: what the share of a pod on a virtual node is at least under Local; others get 1.
    """

    total: int | None = None
    default: int | None = None
    least_pod: int = 1


@dataclass(frozen=True, slots=True)
class Candidates:
    """What all ports of a Service draw from."""

    service: Item
    policy: Policy
    nodes: Sequence[Item]
    slices: Sequence[Item]
    pods: Mapping[str, Item]
    instances: frozenset[str]


def candidates(service: Item, options: Options, objects: Objects) -> Candidates:
    """The nodes and endpoints of a Service. Raises ModelError for a bad `backend-label`."""
    try:
        fit = nodes.candidates(
            objects.all("Node"),
            backend_label=options.get("backend-label"),
            drop_cordoned=options.get("remove-unscheduled-backend") == "on",
        )
    except nodes.LabelError as error:
        raise ModelError(f"get nodes error: filter nodes by label error: {error}") from error
    policy: Policy = "Cluster"
    if options.pods:
        policy = "eni"
    elif service["spec"].get("externalTrafficPolicy") == "Local":
        policy = "Local"
    slices = [
        each
        for each in objects.slices(key_of(service))
        if each.get("addressType", "IPv4") == "IPv4"
    ]
    pods = {key_of(each): each for each in objects.all("Pod")}
    instances = frozenset(
        each["metadata"]["name"] for each in objects.all("Node") if nodes.holds_interfaces(each)
    )
    return Candidates(service, policy, fit, slices, pods, instances)


def endpoints(found: Candidates, port: Item) -> tuple[list[Endpoint], bool]:
    """The endpoints of a port, each address once, and whether more may become ready."""
    seen: dict[str, Endpoint] = {}
    potential = False
    for part in found.slices:
        number = _number(part, port)
        if not number:
            continue
        for entry in part.get("endpoints") or []:
            joins, later = _joins(found, entry)
            potential = potential or later
            if joins:
                for address in entry["addresses"]:
                    node = entry.get("nodeName")
                    endpoint = Endpoint(address, number, node, node in found.instances)
                    seen.setdefault(address, endpoint)
    return list(seen.values()), potential


def _number(part: Item, port: Item) -> int:
    """The port behind a target port; one given by name is looked up in the slice."""
    target = target_port(port)
    if isinstance(target, int):
        return target
    for entry in part.get("ports") or []:
        if entry.get("name") == port.get("name", ""):
            return int(entry.get("port") or 0)
    return 0


def _joins(found: Candidates, entry: Item) -> tuple[bool, bool]:
    """Whether an endpoint is a server now, and whether it may become one soon."""
    conditions = entry.get("conditions") or {}
    if conditions.get("terminating"):
        return False, False
    if conditions.get("ready"):
        return True, False
    reference = entry.get("targetRef") or {}
    if reference.get("kind") != "Pod":
        return False, False
    pod = found.pods.get(f"{reference.get('namespace')}/{reference.get('name')}")
    if pod is None:
        return False, True
    gate = _GATE + found.service["metadata"]["name"]
    gates = [each.get("conditionType") for each in pod["spec"].get("readinessGates") or []]
    if gate not in gates:
        return False, False
    states = (pod.get("status") or {}).get("conditions") or []
    contained = any(
        each["type"] == "ContainersReady" and each["status"] == "True" for each in states
    )
    return contained, not contained


def backends(
    found: Candidates, port: Item, by_ip: bool, weights: Weights
) -> tuple[list[Backend], bool]:
    """The servers of a port with their weights, and whether more may become ready.

    by_ip: nodes and pods are registered by address.

    Raises:
        ModelError: a node has no usable id or address, or an endpoint no node.
    """
    known, potential = endpoints(found, port)
    if found.policy == "eni":
        pods = [_pod(each, by_ip) for each in known]
        return _weighted("eni", pods, weights), potential
    try:
        if found.policy == "Local":
            servers = list(_local(found, port, known, by_ip))
        else:
            servers = list(_cluster(found, port, known, by_ip))
    except ModelError as error:
        raise ModelError(f"build {found.policy.lower()} backends error: {error.message}") from error
    weighted = _weighted(found.policy, servers, weights)
    return _once(weighted) if found.policy == "Local" else weighted, potential


def _pod(endpoint: Endpoint, by_ip: bool) -> Backend:
    server_id = endpoint.address if by_ip else ""
    kind: Kind = "ip" if by_ip else "eni"
    address, inside = endpoint.address, endpoint.on_instance
    return Backend(kind, endpoint.port, server_id, address, on_instance=inside)


def _local(
    found: Candidates, port: Item, known: Sequence[Endpoint], by_ip: bool
) -> Iterator[Backend]:
    """A node once for every pod it holds."""
    virtual = []
    for endpoint in known:
        node = _node_of(found, endpoint)
        if node is None:
            continue
        if nodes.is_virtual(node):
            virtual.append(_pod(endpoint, by_ip))
        elif not nodes.is_excluded(node):
            yield _node(node, port, by_ip, "parse providerid")
    yield from virtual


def _cluster(
    found: Candidates, port: Item, known: Sequence[Endpoint], by_ip: bool
) -> Iterator[Backend]:
    for node in found.nodes:
        # A virtual node is registered like any other, and its pods come in addition.
        if not nodes.is_excluded(node):
            yield _node(node, port, by_ip, "normal parse providerid")
    for endpoint in known:
        holder = _node_of(found, endpoint)
        if holder is not None and nodes.is_virtual(holder):
            yield _pod(endpoint, by_ip)


def _node_of(found: Candidates, endpoint: Endpoint) -> Item | None:
    if endpoint.node is None:
        place = f"service[{key_of(found.service)}] error"
        message = f"NodeName is nil for ip {endpoint.address} "
        raise ModelError(f"add ecs backends for {place}, {message}")
    for node in found.nodes:
        if node["metadata"]["name"] == endpoint.node:
            return node
    return None


def _node(node: Item, port: Item, by_ip: bool, doing: str) -> Backend:
    number = port.get("nodePort", 0)
    if by_ip:
        address = _address(node)
        return Backend("ip", number, address, address)
    instance = nodes.instance_of(node)
    if instance is None:
        provider = nodes.provider_id(node)
        why = "alicloud: unable to split instanceid and region from providerID"
        expected = "expected: ${regionid}.${nodeid}"
        message = f"{doing}: {provider}. {expected}, {why}, error unexpected providerID={provider}"
        raise ModelError(message)
    return Backend("ecs", number, instance)


def _address(node: Item) -> str:
    name = node["metadata"]["name"]
    addresses: list[dict[str, Any]] = (node.get("status") or {}).get("addresses") or []
    if not addresses:
        raise ModelError(f"get node address err: node {name} do not contains addresses")
    for address in addresses:
        if address.get("type") == "InternalIP" and ":" not in address["address"]:
            return str(address["address"])
    message = f"node {name} can not find InternalIP in node addresses"
    raise ModelError(f"get node address err: {message}")


def _weighted(policy: Policy, servers: Sequence[Backend], weights: Weights) -> list[Backend]:
    count = len(servers)
    pods = Counter(each.server_id for each in servers if each.server_id)

    def weight(server: Backend) -> int:
        local = policy == "Local"
        share = pods[server.server_id] if local and server.kind == "ecs" else 1
        if weights.total is None:
            default = DEFAULT_WEIGHT if weights.default is None else weights.default
            return share if local else default
        least = weights.least_pod if local and server.kind != "ecs" else 1
        return max(least, weights.total * share // count) if weights.total else 0

    return [replace(each, weight=weight(each)) for each in servers]


def _once(servers: Sequence[Backend]) -> list[Backend]:
    """Each instance once; servers by address stay doubled."""
    seen: set[str] = set()
    found = []
    for server in servers:
        if server.kind == "ecs":
            if server.server_id in seen:
                continue
            seen.add(server.server_id)
        found.append(server)
    return found

"""Addresses and node ports that Services are given.

Choosing changes nothing; the ranges learn what is in use from the objects that are stored, so a
refused or dry-run write leaves no trace.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.errors import GroupName, invalid_value
from gitopsd.sandbox.kubernetes.families import init_families
from gitopsd.sandbox.kubernetes.kinds.cluster_ips import cluster_ip_problems
from gitopsd.sandbox.kubernetes.kinds.services import (
    has_node_ports,
    needs_health_check_port,
    needs_node_ports,
)
from gitopsd.sandbox.kubernetes.pools import Pool, PortOperation, static_band
from gitopsd.sandbox.kubernetes.resources import Item

_KIND: Final = GroupName("", "Service")
_NODE_PORTS: Final = range(30000, 32768)
_NETWORK: Final = "10.96.0.0/16"


class Allocation:
    """The ranges of one cluster.

    Args:
        network: where cluster IPs come from (CIDR, IPv4).
        node_ports: the node port range.
        spare_ports: given out when that is full; nobody may ask for one of them.
    """

    def __init__(
        self,
        *,
        network: str = _NETWORK,
        node_ports: range = _NODE_PORTS,
        spare_ports: range = range(0),
    ) -> None:
        self._network = ipaddress.IPv4Network(network)
        size = self._network.num_addresses
        # Neither the address of the network nor that of its broadcast is given out.
        first, band = int(self._network.network_address) + 1, static_band(size, share=16, most=256)
        self._ips = Pool(first, size - 2, band)
        size = len(node_ports)
        self._ports = Pool(node_ports.start, size, static_band(size, share=32, most=128))
        self._spare = Pool(spare_ports.start, len(spare_ports))

    def observe(self, new: Mapping[str, Any] | None, old: Mapping[str, Any] | None) -> None:
        """Learn that a stored Service changed; None stands for not existing."""
        for item, held in ((old, False), (new, True)):
            if item is None:
                continue
            key = _key(item)
            for pool, value in self._held_by(item):
                if held:
                    pool.holders[value] = key
                elif pool.holders.get(value) == key:
                    del pool.holders[value]

    def _held_by(self, item: Mapping[str, Any]) -> Iterator[tuple[Pool, int]]:
        spec = item["spec"]
        for text in spec.get("clusterIPs") or ():
            number = self._ip_number(text)
            if number is not None:
                yield self._ips, number
        numbers = [port.get("nodePort", 0) for port in spec.get("ports") or ()]
        for number in (*numbers, spec.get("healthCheckNodePort", 0)):
            for pool in (self._ports, self._spare):
                if number in pool:
                    yield pool, number

    def _ip_number(self, text: str) -> int | None:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return None
        number = int(address)
        return number if address.version == 4 and number in self._ips else None

    def assign(self, new: Item, old: Item | None, *, dry_run: bool) -> None:
        """Fill in families, addresses and ports of a Service, in place.

        Raises:
            errors.ApiError: 422 for an address or port that is taken or out of range, 500 when a
                range is full.
        """
        spec, before = new["spec"], old["spec"] if old else None
        if before is not None:
            _carry_over(spec, before)
        _align_cluster_ips(spec, before)
        if spec.get("type") == "ExternalName":
            return
        problems = list(cluster_ip_problems(spec)) or list(init_families(spec, before))
        if problems:
            raise errors.invalid(_KIND, new["metadata"].get("name", ""), problems)
        self._assign_ip(new, before, dry_run)
        self._assign_ports(new, before, dry_run)

    def _assign_ip(self, new: Item, before: Item | None, dry_run: bool) -> None:
        spec = new["spec"]
        given = spec.get("clusterIPs") or []
        held = before is not None and before.get("type") != "ExternalName"
        if given and (given[0] == "None" or held):
            return  # what is held may not change: that is for the rules to say
        if given:
            self._reserve_ip(new, given, dry_run)
            return
        if dry_run:
            address = str(self._network.network_address)
        else:
            number = self._ips.next_free(set())
            if number is None:
                raise errors.internal("failed to allocate a serviceIP: range is full")
            address = str(ipaddress.IPv4Address(number))
        if not new["metadata"].get("name") and not dry_run:
            why = f'IPAddress.networking.k8s.io "{address}" is invalid'
            why = f"failed to allocate IP: {why}: spec.parentRef.name: Required value"
            raise _refused(new, "spec.clusterIPs", [""], why)
        spec["clusterIP"], spec["clusterIPs"] = address, [address]

    def _reserve_ip(self, new: Item, given: list[str], dry_run: bool) -> None:
        number = self._ip_number(given[0])
        holder = self._ips.holders.get(number) if number is not None else None
        why = ""
        if number is None:
            why = "the provided network does not match the current range"
            if dry_run:
                why = (
                    f"the provided IP ({given[0]}) is not in the valid range. "
                    f"The range of valid IPs is {self._network}"
                )
            why = f"failed to allocate IP {given[0]}: {why}"
        elif not dry_run and holder is not None and holder != _key(new):
            why = f"failed to allocate IP {given[0]}: provided IP is already allocated"
        if why:
            raise _refused(new, "spec.clusterIPs", given, why)

    def _assign_ports(self, new: Item, before: Item | None, dry_run: bool) -> None:
        spec = new["spec"]
        wished = _numbers(spec)
        operation = PortOperation(self._ports, self._spare, wished, dry_run)
        if has_node_ports(spec):
            if before is None:
                _first_node_ports(new, operation)
            else:
                _changed_node_ports(new, _numbers(before), operation)
        if needs_health_check_port(spec) and not (before and needs_health_check_port(before)):
            _health_check_port(spec, operation)


def _numbers(spec: Item) -> frozenset[int]:
    """The node ports in a Service, that for health checks included."""
    found = [port.get("nodePort") for port in spec.get("ports") or ()]
    return frozenset(number for number in (*found, spec.get("healthCheckNodePort")) if number)


def _first_node_ports(new: Item, operation: PortOperation) -> None:
    """On create, ports of one number over several protocols share a node port."""
    spec = new["spec"]
    ports = spec.get("ports") or ()
    named: dict[int, int] = {}
    for port in ports:
        if port.get("nodePort"):
            named.setdefault(port["port"], port["nodePort"])
    shared: dict[int, int] = {}
    for index, port in enumerate(ports):
        given, known = port.get("nodePort"), shared.get(port["port"])
        if not given and not needs_node_ports(spec):
            continue
        if known is None or given not in (None, 0, known):
            wanted = given or named.get(port["port"])
            known = _taken(new, index, wanted, operation) if wanted else _made_up(operation)
        port["nodePort"] = known
        shared.setdefault(port["port"], known)


def _changed_node_ports(new: Item, held: frozenset[int], operation: PortOperation) -> None:
    """On update, every port without a node port gets one of its own."""
    spec = new["spec"]
    for index, port in enumerate(spec.get("ports") or ()):
        given = port.get("nodePort")
        if given and given not in held | operation.allocated:
            _taken(new, index, given, operation)
        elif not given and needs_node_ports(spec):
            port["nodePort"] = _made_up(operation)


def _health_check_port(spec: Item, operation: PortOperation) -> None:
    given = spec.get("healthCheckNodePort")
    why = operation.allocate(given) if given else ""
    if why:
        why = f"failed to allocate requested HealthCheck NodePort {given}: {why}"
        raise errors.internal_error(why)
    spec["healthCheckNodePort"] = given or _made_up(operation)


def _taken(new: Item, index: int, number: int, operation: PortOperation) -> int:
    why = operation.allocate(number)
    if why:
        raise _refused(new, f"spec.ports[{index}].nodePort", number, why)
    return number


def _made_up(operation: PortOperation) -> int:
    number = operation.allocate_next()
    if number is None:
        raise errors.internal("failed to allocate a nodePort: range is full")
    return number


def _refused(item: Item, field_path: str, value: Any, why: str) -> errors.ApiError:
    problem = invalid_value(field_path, value, why)
    return errors.invalid(_KIND, item["metadata"].get("name", ""), [problem])


def _key(item: Mapping[str, Any]) -> str:
    metadata = item["metadata"]
    return f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"


def _carry_over(new: Item, old: Item) -> None:
    """Values that were given out earlier and that the client did not repeat."""
    if "ExternalName" not in (new.get("type"), old.get("type")):
        if not new.get("clusterIP") and old.get("clusterIP"):
            new["clusterIP"] = old["clusterIP"]
        if not new.get("clusterIPs") and new.get("clusterIP") == old.get("clusterIP"):
            new["clusterIPs"] = list(old.get("clusterIPs") or [])
    if has_node_ports(new) and has_node_ports(old):
        known = {port.get("name", ""): port.get("nodePort") for port in old.get("ports") or ()}
        used = {port.get("nodePort") for port in new.get("ports") or ()} & set(known.values())
        for port in new.get("ports") or ():
            number = known.get(port.get("name", ""))
            if not port.get("nodePort") and number and number not in used:
                port["nodePort"] = number
    checked = needs_health_check_port(new) and needs_health_check_port(old)
    if checked and not new.get("healthCheckNodePort") and old.get("healthCheckNodePort"):
        new["healthCheckNodePort"] = old["healthCheckNodePort"]


def _align_cluster_ips(new: Item, old: Item | None) -> None:
    """Keep `clusterIP` and `clusterIPs` in step: who changed one need not change the other."""
    first, listed = new.get("clusterIP", ""), new.get("clusterIPs") or []
    if old is None:
        if first and not listed:
            new["clusterIPs"] = [first]
        return
    changed = first != old.get("clusterIP", "")
    if changed and listed in ([], old.get("clusterIPs") or []):
        if first:
            new["clusterIPs"] = [first]
        else:
            new.pop("clusterIPs", None)
    elif not changed and listed and listed[0] != first:
        new["clusterIP"] = listed[0]

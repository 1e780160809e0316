"""Addresses and node ports that Services are given.

Choosing changes nothing; the ranges learn what is in use from the objects that are stored, so a
refused or dry-run write leaves no trace.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.errors import FieldProblem, GroupName, invalid_value
from gitopsd.sandbox.kubernetes.kinds.cluster_ips import cluster_ip_problems
from gitopsd.sandbox.kubernetes.kinds.services import (
    has_node_ports,
    needs_health_check_port,
    needs_node_ports,
)
from gitopsd.sandbox.kubernetes.resources import Item

_KIND: Final = GroupName("", "Service")
_NODE_PORTS: Final = range(30000, 32768)
_ALLOCATED: Final = "provided port is already allocated"
_NETWORK: Final = "10.96.0.0/16"


@dataclass(slots=True)
class _Pool:
    """Values from `start` on with the objects that hold them; free ones are given out in turn."""

    start: int
    size: int
    holders: dict[int, str] = field(default_factory=dict)
    cursor: int = 0

    def next_free(self, taken: set[int]) -> int | None:
        if len(self.holders) >= self.size:
            return None
        for step in range(self.size):
            offset = (self.cursor + step) % self.size
            value = self.start + offset
            if value not in self.holders and value not in taken:
                self.cursor = (offset + 1) % self.size
                return value
        return None

    def __contains__(self, value: int) -> bool:
        return self.start <= value < self.start + self.size


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
        self._first_ip = int(self._network.network_address)
        self._ips = _Pool(self._first_ip, self._network.num_addresses - 1)
        self._ips.holders[self._first_ip] = ""
        self._ports = _Pool(node_ports.start, len(node_ports))
        self._spare = _Pool(spare_ports.start, len(spare_ports))

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

    def _held_by(self, item: Mapping[str, Any]) -> Iterator[tuple[_Pool, int]]:
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
        if not isinstance(address, ipaddress.IPv4Address) or address not in self._network:
            return None
        return int(address)

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
        problems = list(cluster_ip_problems(spec)) or list(_init_families(spec, before))
        if problems:
            raise errors.invalid(_KIND, new["metadata"].get("name", ""), problems)
        self._assign_ip(new, before, dry_run)
        self._assign_ports(new, dry_run, creates=before is None)

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
        elif holder is not None and holder != _key(new):
            why = f"failed to allocate IP {given[0]}: provided IP is already allocated"
        if why:
            raise _refused(new, "spec.clusterIPs", given, why)

    def _assign_ports(self, new: Item, dry_run: bool, *, creates: bool) -> None:
        spec = new["spec"]
        taken: set[int] = set()
        if has_node_ports(spec):
            holders: dict[int, int] = {}
            for index, port in enumerate(spec.get("ports") or ()):
                number = port.get("nodePort")
                if number:
                    field_path = f"spec.ports[{index}].nodePort"
                    self._reserve_port(new, number, field_path)
                    if creates and holders.setdefault(number, port["port"]) != port["port"]:
                        raise _refused(new, field_path, number, _ALLOCATED)
                    taken.add(number)
        if needs_node_ports(spec):
            for port in spec.get("ports") or ():
                if not port.get("nodePort"):
                    port["nodePort"] = self._free_port(taken, dry_run)
        if needs_health_check_port(spec):
            if spec.get("healthCheckNodePort"):
                self._reserve_port(new, spec["healthCheckNodePort"], "spec.healthCheckNodePort")
            else:
                spec["healthCheckNodePort"] = self._free_port(taken, dry_run)

    def _reserve_port(self, new: Item, number: int, field_path: str) -> None:
        ports, key = self._ports, _key(new)
        why = ""
        if number not in ports and self._spare.holders.get(number) != key:
            shown = f"{ports.start}-{ports.start + ports.size - 1}"
            why = "provided port is not in the valid range. The range of valid ports is " + shown
        elif ports.holders.get(number, key) != key:
            why = _ALLOCATED
        if why:
            raise _refused(new, field_path, number, why)

    def _free_port(self, taken: set[int], dry_run: bool) -> int:
        number: int | None
        if dry_run:  # the server makes up numbers beyond its range: one more than the last
            number = max({self._ports.start + self._ports.size} | taken) + 1
        else:
            number = self._ports.next_free(taken) or self._spare.next_free(taken)
        if number is None:
            raise errors.internal("failed to allocate a nodePort: range is full")
        taken.add(number)
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
        elif listed and not first:
            new["clusterIP"] = listed[0]
        return
    changed = first != old.get("clusterIP", "")
    if changed and listed in ([], old.get("clusterIPs") or []):
        if first:
            new["clusterIPs"] = [first]
        else:
            new.pop("clusterIPs", None)
    elif not changed and listed and listed[0] != first:
        new["clusterIP"] = listed[0]


def _init_families(spec: Item, before: Item | None) -> Iterator[FieldProblem]:
    selectorless = spec.get("clusterIP") == "None" and not spec.get("selector")
    if spec.get("ipFamilyPolicy") is None:
        carried = (before or {}).get("ipFamilyPolicy")
        spec["ipFamilyPolicy"] = carried or ("RequireDualStack" if selectorless else "SingleStack")
    policy = spec["ipFamilyPolicy"]
    families = spec.get("ipFamilies") or (before or {}).get("ipFamilies") or ["IPv4"]
    if selectorless:
        if policy != "SingleStack" and len(families) == 1:
            families = [*families, "IPv6" if families[0] == "IPv4" else "IPv4"]
    else:
        if policy == "RequireDualStack":
            why = "this cluster is not configured for dual-stack services"
            yield invalid_value("spec.ipFamilyPolicy", policy, why)
        for index, family in enumerate(families):
            if family != "IPv4":
                why = "not configured on this cluster"
                yield invalid_value(f"spec.ipFamilies[{index}]", family, why)
    spec["ipFamilies"] = list(families)

"""CLB: the attributes, listeners and server groups that a Service asks for (facts §1.2, §1.3).

Errors in a server group get lost in this controller: the group is left out of the model, and only
applying stumbles over the gap (facts §3.2).
"""

from __future__ import annotations

from typing import Any, Final

from gitopsd.sandbox.controllers.objects import Item, Objects
from gitopsd.sandbox.controllers.services import options as read
from gitopsd.sandbox.controllers.services.account import Account
from gitopsd.sandbox.controllers.services.backends import (
    Backend,
    Candidates,
    Weights,
    backends,
    candidates,
)
from gitopsd.sandbox.controllers.services.clb_options import BALANCER, LISTENER, LISTENER_MORE
from gitopsd.sandbox.controllers.services.naming import backend_port, clb_key, is_controllers
from gitopsd.sandbox.controllers.services.options import Options, bound_to, fill, percent
from gitopsd.sandbox.controllers.services.outcome import Model, ModelError, Outcome, Told, said
from gitopsd.sandbox.controllers.site import Site

_PROTOCOLS: Final = ("http", "tcp", "https", "udp")


class ClbBuilder:
    """Builds the model of one Service; the parts are in the order the controller takes."""

    def __init__(self, service: Item, objects: Objects, site: Site, account: Account) -> None:
        self._service = service
        self._objects = objects
        self._site = site
        self._account = account
        self._options = Options(service)
        self._reused = bool(self._options.get("id"))
        self._told: list[Told] = []

    def build(self, outcome: Outcome) -> Model:
        """The model; events go into the outcome. Raises ModelError."""
        self._told = outcome.told
        ports = self._service["spec"].get("ports") or []
        model: Model = {}
        try:
            model["LoadBalancerAttribute"] = self._attributes()
        except ModelError as error:
            raise ModelError(f"build lb attribute error: {error.message}") from error
        try:
            found = candidates(self._service, self._options, self._objects)
        except ModelError as error:
            raise ModelError(f"build vserver groups error: {error.message}") from error
        model |= self._groups(found, ports)
        try:
            model["Listeners"] = [self._listener(port) for port in ports]
        except ModelError as error:
            raise ModelError(f"builid lb listener error: {error.message}") from error
        return said(model)

    def _attributes(self) -> dict[str, Any]:
        found = fill(self._options, BALANCER)
        extra = {
            "IsUserManaged": self._reused or None,
            "Tags": read.tags(self._options),
            "PreserveOnDelete": bool(self._options.get("preserve-lb-on-delete")) or None,
        }
        if found.get("NetworkType") == "classic":
            found.pop("VSwitchId", None)
        return {**found, **said(extra)}

    # -- listeners

    def _listener(self, port: Item) -> dict[str, Any]:
        try:
            return self._listener_fields(port)
        except ModelError as error:
            place = f"build listener from servicePort {port['port']} error"
            raise ModelError(f"{place}: {error.message}") from error

    def _listener_fields(self, port: Item) -> dict[str, Any]:
        cluster = self._site.cluster_id
        protocol = _protocol(self._options.get("protocol-port"), port)
        inner = backend_port(self._service, port)
        listener = {
            "ListenerPort": port["port"],
            "Description": clb_key(self._service, port["port"], cluster),
            "VGroupName": clb_key(self._service, inner, cluster),
            "Protocol": protocol,
        }
        group_id = self._bound(port)
        if group_id:
            listener["VGroupId"] = group_id
        listener |= fill(self._options, LISTENER)
        if protocol == "http":
            listener |= _forward(self._options.get("forward-port"), port["port"])
        return listener | fill(self._options, LISTENER_MORE)

    def _bound(self, port: Item) -> str:
        text = self._options.get("vgroup-port")
        if not text or not self._reused:
            return ""
        what = "vgroupid and protocol format must be like 'vsp-xxx:443' with colon separated."
        return bound_to(text, port["port"], f"{what} got={{got}}")

    # -- server groups

    def _groups(self, found: Candidates, ports: list[Item]) -> dict[str, Any]:
        groups, potential = [], False
        for port in ports:
            try:
                group, more = self._group(found, port)
            except ModelError:  # never heard of again, as in the real controller
                continue
            groups.append(group)
            potential = potential or more
        for group in groups:
            self._resolve(group)
        return {"VServerGroups": groups, "ContainsPotentialReadyEndpoints": potential or None}

    def _group(self, found: Candidates, port: Item) -> tuple[dict[str, Any], bool]:
        name = clb_key(self._service, backend_port(self._service, port), self._site.cluster_id)
        group: dict[str, Any] = {"VGroupName": name}
        total = self._reuse(port, group)
        default = self._percent("default-weight")
        if default is not None:
            group["VGroupDefaultWeight"] = default
        if read.is_on(self._options.get("ignore-weight-update")):
            group["IgnoreWeightUpdate"] = True
        servers, potential = backends(found, port, False, Weights(total, default, least_pod=0))
        if not servers:
            message = "There are no available nodes for LoadBalancer"
            self._told.append(Told("Normal", "UnAvailableLoadBalancer", message))
        group["Backends"] = servers
        return group, potential

    def _reuse(self, port: Item, group: dict[str, Any]) -> int | None:
        """Bind the user's own group where one is named; gives its total weight."""
        if not self._reused or not self._options.get("vgroup-port"):
            return None
        group_id = self._bound(port)
        if group_id:
            known = self._account.groups.get(group_id)
            if known is None or is_controllers(known.name):
                raise ModelError(f"can not find vgroupId {group_id}")
            group |= {"VGroupId": group_id, "IsUserManaged": True}
        total = self._percent("weight")
        if total is not None:
            group["VGroupWeight"] = total
        return total

    def _percent(self, key: str) -> int | None:
        text = self._options.get(key)
        if not text:
            return None
        try:
            return percent(text)
        except ValueError as error:
            message = f"{key} must be integer in range [0,100] , got [{text}]"
            raise ModelError(message) from error

    def _resolve(self, group: dict[str, Any]) -> None:
        """Look up the interfaces of pods; outside the VPC they are left out, inside put aside."""
        good, bad, skipped = [], [], []
        for backend in group.pop("Backends"):
            server = _backend(backend)
            if backend.kind == "eni":
                on_instance = backend.on_instance
                interface = self._site.interface_of(backend.ip, on_instance=on_instance)
                if interface is None:
                    if self._site.inside(backend.ip, on_instance=on_instance):
                        del server["ServerId"]
                        bad.append({**server, "Invalid": True})
                    else:
                        skipped.append(backend.ip)
                    continue
                server["ServerId"] = interface
            good.append(server)
        if good:
            group["Backends"] = good
        if skipped:
            message = f"Not sync pods [{','.join(skipped)}] whose ip is not in vpc cidrs"
            self._told.append(Told("Normal", "SkipSyncBackends", message))
        if bad:
            group["InvalidBackends"] = bad
            addresses = ",".join(each["ServerIp"] for each in bad)
            message = f"Not sync pods [{addresses}] whose eni is invalid"
            self._told.append(Told("Warning", "SkipSyncBackends", message))


def _backend(backend: Backend) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ServerId": backend.server_id,
        "Type": backend.kind,
        "Port": backend.port,
        "Weight": backend.weight,
    }
    return {**found, "ServerIp": backend.ip} if backend.ip else found


def _protocol(text: str, port: Item) -> str:
    own = str(port.get("protocol", "TCP")).lower()
    for entry in text.split(",") if text else ():
        parts = entry.split(":")
        if len(parts) < 2:
            what = "port and protocol format must be like 'https:443' with colon separated."
            raise ModelError(f"{what} got=[{' '.join(parts)}]")
        if parts[0] not in _PROTOCOLS:
            what = "port protocol format must be either [http|https|tcp|udp]"
            raise ModelError(f"{what}, protocol not supported wit [{parts[0]}]\n")
        if parts[1] == str(port["port"]):
            return parts[0]
    return own


def _forward(text: str, port: int) -> dict[str, Any]:
    """Where plain HTTP on a port is redirected to; nothing for a port that is not named."""
    for entry in text.split(",") if text else ():
        parts = entry.split(":")
        if len(parts) != 2:
            why = f"forward port format error: {text}, expect 80:443,88:6443"
            raise ModelError(f"Annotation ForwardPort error: {why} ")
        if parts[0] == str(port):
            if not parts[1]:
                return {}
            try:
                target = read.whole(parts[1])
            except ValueError as error:
                why = f"forward port is not an integer, {parts[1]}"
                raise ModelError(f"Annotation ForwardPort error: {why} ") from error
            return {"ForwardPort": target, "ListenerForward": "on"} if target else {}
    return {}

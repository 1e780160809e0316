"""NLB: the attributes, listeners and server groups that a Service asks for (facts §1.2, §1.4)."""

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
from gitopsd.sandbox.controllers.services.naming import (
    backend_port,
    is_controllers,
    nlb_key,
    owner_tags,
    target_port,
)
from gitopsd.sandbox.controllers.services.nlb_options import (
    GROUP,
    HEALTH_CHECK,
    LISTENER,
    LISTENER_TLS,
    PROXY,
)
from gitopsd.sandbox.controllers.services.nlb_values import (
    cased,
    check_overlap,
    cross_zone,
    listener_protocol,
    port_range,
    zone_mappings,
)
from gitopsd.sandbox.controllers.services.options import Options, bound_to, fill, percent
from gitopsd.sandbox.controllers.services.outcome import Model, ModelError, Outcome, Told, said
from gitopsd.sandbox.controllers.site import Site

_TYPES: Final = {"ip": "Ip", "instance": "Instance"}
_KINDS: Final = {"ecs": "Ecs", "eni": "Eni", "ip": "Ip"}


class NlbBuilder:
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
        attributes = _step("build nlb attribute", self._attributes)
        ports = self._service["spec"].get("ports") or []
        listeners = _step("build nlb listener", lambda: self._listeners(ports))
        return said(
            {
                "LoadBalancerAttribute": attributes,
                "Listeners": listeners,
                **_step("builid nlb server group", lambda: self._groups(ports, listeners)),
            }
        )

    # -- the load balancer

    def _attributes(self) -> dict[str, Any]:
        options, get = self._options, self._options.get
        zones = zone_mappings(get("zone-maps"))
        if not zones and not self._reused:
            raise ModelError("ParameterMissing, zone mappings are required")
        found = said(
            {
                "LoadBalancerId": get("id"),
                "IsUserManaged": self._reused or None,
                "ZoneMappings": zones,
                "AddressType": cased(get("address-type"), "Internet", "Intranet"),
                "ResourceGroupId": get("resource-group-id"),
                "AddressIpVersion": cased(get("ip-version"), "ipv4", "DualStack"),
                "IPv6AddressType": cased(get("ipv6-address-type"), "Internet", "Intranet"),
                "Name": get("name"),
                "Tags": read.tags(options),
                "PreserveOnDelete": bool(get("preserve-lb-on-delete")) or None,
                "CrossZoneEnabled": cross_zone(get("cross-zone-enabled")),
                "SourceRanges": self._ranges(),
            }
        )
        if options.has("security-group-ids"):
            text = get("security-group-ids")
            found["SecurityGroupIds"] = text.split(",") if text else []
        if options.has("bandwidth-package-id"):
            found["BandwidthPackageId"] = get("bandwidth-package-id")
        return found

    def _ranges(self) -> list[str] | None:
        ranges = self._service["spec"].get("loadBalancerSourceRanges")
        if ranges and self._reused:
            message = "LoadBalancerSourceRanges is not supported for user-managed LB."
            self._told.append(Told("Warning", "FeatureNotSupported", message))
            return None
        return list(ranges) if ranges else None

    # -- listeners

    def _listeners(self, ports: list[Item]) -> list[dict[str, Any]]:
        found = []
        for port in ports:
            place = f"build listener from servicePort {port['port']}"
            found.append(_step(place, lambda port=port: self._listener(port)))
        check_overlap(found)
        return found

    def _listener(self, port: Item) -> dict[str, Any]:
        options = self._options
        protocol = listener_protocol(options.get("protocol-port"), port)
        first, last = self._range(port)
        key, group = self._names(port, protocol, first, last)
        listener = said(
            {
                "ListenerPort": None if last else port["port"],
                "StartPort": first or None,
                "EndPort": last or None,
                "ListenerProtocol": protocol,
                "ListenerDescription": key,
                "ServerGroupName": group,
                "ServerGroupId": self._bound(port, "sg-xxx"),
            }
        )
        listener |= fill(options, LISTENER)
        proxy = fill(options, PROXY)
        if proxy:
            listener["ProxyProtocolV2Config"] = proxy
        if protocol == "TCPSSL":
            listener |= fill(options, LISTENER_TLS)
        return listener

    def _range(self, port: Item) -> tuple[int, int]:
        text = self._options.get("listener-port-range")
        if not text:
            return 0, 0
        if not self._options.pods:
            raise ModelError("listener port range can only be used for eni backend type service")
        return port_range(text, port["port"])

    def _names(self, port: Item, protocol: str, first: int, last: int) -> tuple[str, str]:
        """The listener's description and the group's name."""
        cluster = self._site.cluster_id
        if last:
            key = nlb_key(self._service, f"{first}_{last}", protocol, cluster)
            return key, key
        inner = backend_port(self._service, port)
        return (
            nlb_key(self._service, port["port"], protocol, cluster),
            nlb_key(self._service, inner, protocol, cluster),
        )

    def _bound(self, port: Item, example: str) -> str:
        """The id of the user's own group for a port, "" for none."""
        text = self._options.get("vgroup-port")
        if not text or not self._reused:
            return ""
        what = "server group id and protocol format must be like"
        error = f"{what} '{example}:443' with colon separated. got={{got}}"
        return bound_to(text, port["port"], error)

    # -- server groups

    def _groups(self, ports: list[Item], listeners: list[dict[str, Any]]) -> dict[str, Any]:
        found = candidates(self._service, self._options, self._objects)
        groups, potential = [], False
        for port, listener in zip(ports, listeners, strict=True):
            group = self._group(port, listener)
            try:
                more = self._fill(found, port, group)
            except ModelError as error:
                place = f"set ServerGroup for port {port['port']} error"
                raise ModelError(f"{place}: {error.message}") from error
            groups.append(group)
            potential = potential or more
        for group in groups:
            self._resolve(group)
        return {"ServerGroups": groups, "ContainsPotentialReadyEndpoints": potential or None}

    def _group(self, port: Item, listener: dict[str, Any]) -> dict[str, Any]:
        tags = owner_tags(self._service, self._site.cluster_id)
        group: dict[str, Any] = {
            "ServerGroupName": listener["ServerGroupName"],
            "Protocol": listener["ListenerProtocol"],
            "VPCId": self._site.vpc_id,
            "Tags": [f"{key}={tags[key]}" for key in sorted(tags)],
        }
        check: dict[str, Any] = {}
        if "EndPort" in listener:
            target = target_port(port)
            group["AnyPortEnabled"] = True
            check = {"HealthCheckEnabled": True}
            if isinstance(target, int) and target:
                check["HealthCheckConnectPort"] = target
        text = self._options.get("server-group-type")
        if text:
            kind = _TYPES.get(text.lower())
            if kind is None:
                raise ModelError("unsupport server ServerGroupType []")
            group["ServerGroupType"] = kind
        before, weight = GROUP
        group |= fill(self._options, before)
        check |= self._health_check()
        if check:
            group["HealthCheckConfig"] = check
        group |= fill(self._options, weight)
        if read.is_on(self._options.get("ignore-weight-update")):
            group["IgnoreWeightUpdate"] = True
        return group

    def _health_check(self) -> dict[str, Any]:
        flag = self._options.get("health-check-flag")
        if not flag:
            return {}
        enabled = read.is_on(flag)
        details = fill(self._options, HEALTH_CHECK) if enabled else {}
        return {"HealthCheckEnabled": enabled, **details}

    def _fill(self, found: Candidates, port: Item, group: dict[str, Any]) -> bool:
        total = self._reuse(port, group)
        weights = Weights(total, group.get("DefaultWeight"))
        by_ip = group.get("ServerGroupType") == "Ip"
        servers, potential = backends(found, port, by_ip, weights)
        if not servers:
            message = "There are no available nodes for NetworkLoadBalancer"
            self._told.append(Told("Normal", "UnAvailableLoadBalancer", message))
        group["Servers"] = servers
        return potential

    def _reuse(self, port: Item, group: dict[str, Any]) -> int | None:
        """Bind the user's own group where one is named; gives its total weight."""
        if not self._reused or not self._options.get("vgroup-port"):
            return None
        try:
            group_id = self._bound(port, "sg-xxx")
        except ModelError as error:
            raise ModelError(f"server group id parse error: {error.message}") from error
        if group_id:
            found = self._account.groups.get(group_id)
            nlb = self._options.get("id")
            if found is None:
                raise ModelError(f"cannot find server group id {group_id} for nlb {nlb}")
            if is_controllers(found.name):
                message = f"cannot reuse a ccm created server group {group_id} for nlb {nlb}"
                raise ModelError(message)
            group |= {"ServerGroupId": group_id, "IsUserManaged": True}
        text = self._options.get("weight")
        if not text:
            return None
        try:
            group["Weight"] = total = percent(text)
        except ValueError as error:
            message = f"weight must be integer in range [0, 100], got [{text}]"
            raise ModelError(message) from error
        return total

    def _resolve(self, group: dict[str, Any]) -> None:
        """Look up the interfaces of pods; those without one are put aside."""
        good, bad = [], []
        any_port = group.get("AnyPortEnabled", False)
        for backend in group.pop("Servers"):
            server = _server(backend, any_port)
            if backend.kind == "eni":
                inside = backend.on_instance
                interface = self._site.interface_of(backend.ip, on_instance=inside)
                if interface is None:
                    del server["ServerId"]
                    bad.append({**server, "Invalid": True})
                    continue
                server["ServerId"] = interface
            good.append(server)
        if good:
            group["Servers"] = good
        if bad:
            group["InvalidServers"] = bad
            addresses = ",".join(each["ServerIp"] for each in bad)
            message = f"Not sync pods whose eni is invalid: {addresses}"
            self._told.append(Told("Warning", "SkipSyncBackends", message))


def _server(backend: Backend, any_port: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ServerId": backend.server_id,
        "ServerType": _KINDS[backend.kind],
        "Port": 0 if any_port else backend.port,
        "Weight": backend.weight,
    }
    return {**found, "ServerIp": backend.ip} if backend.ip else found


def _step(place: str, make: Any) -> Any:
    try:
        return make()
    except ModelError as error:
        raise ModelError(f"{place} error: {error.message}") from error

"""CLBs, which the sandbox knows only through their Services: an id and an address for each."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from gitopsd.sandbox.controllers.objects import Item, labels_of
from gitopsd.sandbox.controllers.services import Account, Balancer, Group
from gitopsd.sandbox.controllers.services.options import Options
from gitopsd.sandbox.controllers.services.outcome import Model

LABEL: Final = "service.k8s.alibaba/loadbalancer-id"
_PUBLIC: Final = ipaddress.ip_network("198.18.0.0/15")
_PRIVATE: Final = ipaddress.ip_network("10.254.0.0/15")


class ClbCloud:
    """Gives ids and addresses out, each once, and the same ones to the same Service again."""

    def __init__(self) -> None:
        self._addresses: dict[str, str] = {}
        self._attributes: dict[str, Mapping[str, Any]] = {}

    def account(self, service: Item) -> Account:
        """What a Service refers to: every CLB and every group that it names exists."""
        options = Options(service)
        named = options.get("id")
        bound = [entry.partition(":")[0] for entry in options.get("vgroup-port").split(",")]
        own = None
        if labels_of(service).get(LABEL, named) != named:
            uid = service["metadata"]["uid"]
            own = Balancer(attributes=self._attributes.get(uid) or _inferred(service))
        balancers = {named: Balancer(self._address(named, intranet=False))} if named else {}
        return Account(balancers, {each: Group("") for each in bound if each}, own)

    def identify(self, service: Item, model: Model) -> str:
        """The id of the Service's load balancer."""
        reused = model.get("LoadBalancerAttribute", {}).get("LoadBalancerId")
        digest = sha256(str(service["metadata"]["uid"]).encode()).hexdigest()
        return str(reused or labels_of(service).get(LABEL) or f"lb-{digest[:20]}")

    def ensure(self, service: Item, model: Model) -> tuple[str, str]:
        """The id and the address of the Service's load balancer."""
        attributes = model.get("LoadBalancerAttribute", {})
        identity = self.identify(service, model)
        self._attributes.setdefault(service["metadata"]["uid"], attributes)
        shown = _shown(service)
        if shown and self._addresses.setdefault(shown, identity) == identity:
            return identity, shown
        intranet = str(attributes.get("AddressType", "")).lower() == "intranet"
        return identity, attributes.get("Address") or self._address(identity, intranet=intranet)

    def remove(self, service: Item) -> None:
        """Forget what was given to a Service."""
        identity = labels_of(service).get(LABEL)
        self._attributes.pop(service["metadata"]["uid"], None)
        for address in [each for each, holder in self._addresses.items() if holder == identity]:
            del self._addresses[address]

    def _address(self, identity: str, *, intranet: bool) -> str:
        network = _PRIVATE if intranet else _PUBLIC
        number = int.from_bytes(sha256(identity.encode()).digest()[:8], "big")
        for step in range(network.num_addresses):
            address = str(network[(number + step) % network.num_addresses])
            if self._addresses.setdefault(address, identity) == identity:
                return address
        raise OverflowError("every address of the sandbox is given out")


def _shown(service: Item) -> str:
    entries = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    return str(entries[0].get("ip", "")) if entries else ""


def _inferred(service: Item) -> Mapping[str, Any]:
    """What can still be told of a CLB that an earlier run made."""
    shown = _shown(service)
    intranet = bool(shown) and ipaddress.ip_address(shown) in _PRIVATE
    return {"AddressType": "intranet"} if intranet else {}

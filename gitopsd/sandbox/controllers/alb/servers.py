"""Which servers an owned group gets: nodes or pods of the Service it stands for (facts §3.1, §4.7).

The cluster's own controller gives every Service with a selector its endpoints, so only one without
a selector can be without them here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gitopsd.sandbox.controllers import nodes
from gitopsd.sandbox.controllers.alb.failures import BuildError
from gitopsd.sandbox.controllers.alb.model import Server, ServerGroup
from gitopsd.sandbox.controllers.objects import Item, Objects, annotations_of, key_of
from gitopsd.sandbox.controllers.site import Site, internal_ip

_BACKEND_TYPE: Final = "service.beta.kubernetes.io/backend-type"
_LABEL: Final = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-backend-label"


class ServerFinder:
    """Finds the members of groups while nodes and Services stay as they are."""

    def __init__(self, objects: Objects, site: Site) -> None:
        self._objects = objects
        self._site = site
        self._fit: dict[str, list[Item]] = {}

    def servers(self, group: ServerGroup) -> tuple[Server, ...] | None:
        """The members of a group; None when the Service does not exist, which is no error.

        Raises:
            BuildError: the Service cannot be reached that way.
        """
        service = self._objects.get("Service", f"{group.namespace}/{group.service}")
        if service is None:
            return None
        policy = _policy(service)
        port = _port(service, group.port)
        pods = list(_pods(service, port, self._objects))
        if policy == "eni":
            return tuple(_interface(pod, self._objects, self._site) for pod in pods)
        found = self._candidates(annotations_of(service).get(_LABEL, ""))
        if policy == "Local":
            holding = {name for _, _, name in pods}
            found = [each for each in found if each["metadata"]["name"] in holding]
        virtual = {each["metadata"]["name"] for each in found if nodes.is_virtual(each)}
        members = [
            Server(_instance(each, self._site), port.get("nodePort", 0), "ecs")
            for each in found
            if not nodes.is_virtual(each) and not nodes.is_excluded(each)
        ]
        members += [_interface(pod, self._objects, self._site) for pod in pods if pod[2] in virtual]
        return tuple(members)

    def _candidates(self, label: str) -> list[Item]:
        if label not in self._fit:
            try:
                found = nodes.candidates(self._objects.all("Node"), backend_label=label)
            except nodes.LabelError as error:
                raise BuildError(f"filter nodes by label error: {error}") from error
            self._fit[label] = found
        return self._fit[label]


def _policy(service: Item) -> str:
    if annotations_of(service).get(_BACKEND_TYPE) == "eni":
        return "eni"
    spec = service["spec"]
    if spec.get("type", "ClusterIP") == "ClusterIP":
        message = "cluster service type just support eni mode for alb ingress"
        raise BuildError(f"{message}: Servcie={key_of(service)}")
    return str(spec.get("externalTrafficPolicy") or "Cluster")


def _port(service: Item, number: int) -> Item:
    for port in service["spec"].get("ports") or []:
        if port["port"] == number:
            found: Item = port
            return found
    message = f"unable to find port {number} on service {key_of(service)}"
    raise BuildError(f"backend not found: {message}")


def _pods(service: Item, port: Item, objects: Objects) -> Iterator[tuple[str, int, str]]:
    """Address, port and node of every ready pod."""
    slices = objects.slices(key_of(service))
    if not slices and not service["spec"].get("selector"):
        name = service["metadata"]["name"]
        raise BuildError(f'backend not found: endpoints "{name}" not found')
    for part in slices:
        numbers = {each.get("name") or "": each.get("port") for each in part.get("ports") or []}
        number = numbers.get(port.get("name") or "") or 0
        for endpoint in part.get("endpoints") or []:
            ready = (endpoint.get("conditions") or {}).get("ready", True)
            if ready and (endpoint.get("targetRef") or {}).get("kind") == "Pod":
                for address in endpoint["addresses"]:
                    yield address, number, endpoint.get("nodeName") or ""


def _interface(pod: tuple[str, int, str], objects: Objects, site: Site) -> Server:
    address, port, name = pod
    inside = nodes.holds_interfaces(objects.get("Node", name))
    interface = site.interface_of(address, on_instance=inside)
    if interface is None:
        raise BuildError(f"can not find eniid for ip {address} in vpc {site.vpc_id}")
    return Server(interface, port, "eni", address)


def _instance(node: Item, site: Site) -> str:
    address = internal_ip(node)
    if not address:
        message = "node.statu.addresses.type = internalIP not exist"
        raise BuildError(f"get privateIp from node error: {message}")
    instance = nodes.instance_of(node)
    if instance is None:
        place = f"region={site.region},vpc={site.vpc_id},ip={address}"
        raise BuildError(f"the corresponding instance cannot be found;{place}")
    return instance

"""What users write, as typed values: Fleet, Exposure and ServerGroup (design §2).

The names are a contract with users: add fields where users need them, never rename these. Types
here say what a document may look like on its own; what it must mean is checked by `rules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from gitopsd.model.desired import Product, TargetAccess
from gitopsd.spec.part import DAY, WHOLE, Amount, Day, Part, Port, Weight, exactly

Placement = Literal["Cloud", "Edge", "Hybrid"]
Scheme = Literal["Internet", "Intranet"]
DriftMode = Literal["Correct", "Report", "Ignore"]
Location = Literal["SameVPC", "CrossRegion", "OnPremises"]
NetworkPlugin = Literal["Terway", "TerwayEdge", "Flannel", "FlannelVXLAN"]


def _persistence(value: object) -> object:
    """Only false turns it off: 0 is not the same word."""
    if value is False or not isinstance(value, bool | int | float | str | list | None):
        return value
    raise PydanticCustomError("persistence", "false, or a mapping with timeoutSeconds")


class Metadata(Part):
    """Name and namespace; a Fleet has no namespace."""

    name: str
    namespace: str = ""


# --- Fleet -----------------------------------------------------------------------------------


class Credentials(Part):
    """Names of cloud credentials, never secrets."""

    profile: str | None = Field(None, description="A profile of the Alibaba Cloud CLI.")
    role_arn: str | None = Field(None, description="A RAM role to assume.")


class Vpc(Part):
    """The VPC of a target's cluster and load balancers."""

    id: str
    cidrs: list[str] = Field(min_length=1)


class Nodes(Part):
    """How to tell ECS nodes from others."""

    cloud_label: str | None = Field(
        None, description='"key=value" that selects ECS nodes in clusters with other nodes too.'
    )


class Alb(Part):
    """An ALB that the target's Ingresses may use, by its IngressClass."""

    ingress_class: str
    edition: Literal["Standard", "StandardWithWaf", "Basic"] = "Standard"
    scheme: Scheme = "Internet"


class Nlb(Part):
    """Where NLBs are made: zone to vSwitch, at least two."""

    zones: dict[str, str]


class Network(Part):
    """A network that the network team has connected to the target's VPC."""

    name: str
    location: Literal["CrossRegion", "OnPremises"]
    cidrs: list[str] = Field(min_length=1)
    region: str | None = None
    cen: str | None = None
    transit_router: str | None = None
    vbr: str | None = None
    express_connect: str | None = None


class Target(Part):
    """A cluster with its region and load balancers."""

    name: str
    kube_context: str | None = Field(
        None, description="Context of the kubeconfig; null: in-cluster, or the current context."
    )
    cluster_uid: str | None = Field(
        None, description="uid of Namespace kube-system; when given, another cluster is refused."
    )
    cluster_id: str | None = Field(None, description="The ACK id of the cluster.")
    region: str
    credentials: Credentials = Credentials()
    vpc: Vpc | None = None
    network_plugin: NetworkPlugin
    nodes: Nodes = Nodes()
    albs: list[Alb] = Field(default_factory=list)
    nlb: Nlb | None = None
    networks: list[Network] = Field(default_factory=list)
    state: Literal["Active", "Retiring"] = Field(
        "Active", description="Retiring: everything of ours at this target is taken away."
    )

    @property
    def access(self) -> TargetAccess:
        """How the target is reached."""
        keys = self.credentials
        return TargetAccess(self.region, self.kube_context, keys.profile, keys.role_arn)


class FleetDrift(Part):
    """How drift is treated where an Exposure does not say otherwise."""

    mode: DriftMode = "Correct"
    until: Day = Field(
        None,
        description="The last day on which the mode counts; then Correct does.",
        json_schema_extra={"pattern": exactly(DAY)},
    )
    reason: str = ""


class Guards(Part):
    """How much a plan may delete before it waits for an approval."""

    max_deletes: Amount = 10
    max_delete_percent: Annotated[int, Field(ge=0, le=100), WHOLE] = 20


class FleetSpec(Part):
    """Where things run."""

    targets: list[Target] = Field(min_length=1)
    drift: FleetDrift = FleetDrift()
    guards: Guards = Guards()


# --- Exposure --------------------------------------------------------------------------------


class LoadBalancer(Part):
    """What kind of load balancer, and who can reach it."""

    type: Literal["CLB", "NLB", "ALB"]
    scheme: Scheme | None = None
    ingress_class: str | None = Field(None, description="Another of the target's ALBs.")


class Pods(Part):
    """The pods behind a layer-4 Exposure."""

    placement: Placement = "Cloud"
    selector: dict[str, str] = Field(min_length=1)


class PortSpec(Part):
    """A port of a layer-4 Exposure."""

    name: str | None = None
    port: Port
    target_port: Port | str | None = None
    protocol: Literal["TCP", "UDP"] = "TCP"


class SessionPersistence(Part):
    """A client keeps its backend for so long."""

    timeout_seconds: Annotated[int, Field(ge=1, le=3600), WHOLE]


class BackendPods(Part):
    """Pods behind a route: gitopsd makes their Service."""

    selector: dict[str, str] = Field(min_length=1)
    target_port: Port | str | None = None


class Backend(Part):
    """Where a route sends a share of its traffic. Exactly one of the four sources, usually."""

    service: str | None = Field(None, description="A Service that others own.")
    pods: BackendPods | None = None
    server_group: str | None = Field(None, description="A ServerGroup of this namespace.")
    server_group_id: str | None = Field(None, description="A group that somebody else owns.")
    port: Port | None = None
    weight: Weight | None = None


class Route(Part):
    """A host and path, and the backends that share its traffic."""

    name: str
    host: str | None = None
    path: str = "/"
    path_type: Literal["Prefix", "Exact", "ImplementationSpecific"] = "Prefix"
    backends: list[Backend] = Field(min_length=1)


class DriftIgnore(Part):
    """A path of the compiled thing whose drift is left alone, until a day, for a reason."""

    path: str
    mode: Literal["Report", "Ignore"] = "Ignore"
    until: Day = Field(None, json_schema_extra={"pattern": exactly(DAY)})
    reason: str = ""


class DriftPath(Part):
    """A path of the compiled thing with a mode of its own."""

    path: str
    mode: DriftMode
    until: Day = Field(None, json_schema_extra={"pattern": exactly(DAY)})
    reason: str = ""


class ExposureDrift(Part):
    """How drift of this Exposure is treated: a mode, and those of paths, the longest path first."""

    mode: DriftMode | None = None
    until: Day = Field(
        None,
        description="The last day on which the mode counts; then that of the fleet does.",
        json_schema_extra={"pattern": exactly(DAY)},
    )
    reason: str = ""
    ignore: list[DriftIgnore] = Field(default_factory=list)
    paths: list[DriftPath] = Field(
        default_factory=list, description="Paths with a mode of their own, Correct included."
    )

    def spans(self) -> Iterator[tuple[tuple[str, int], DriftIgnore | DriftPath]]:
        """Every path with a mode of its own, and where it stands below `drift`."""
        for index, ignored in enumerate(self.ignore):
            yield ("ignore", index), ignored
        for index, told in enumerate(self.paths):
            yield ("paths", index), told


class ExposureSpec(Part):
    """What should be reachable, from where, with what needs."""

    targets: list[str] | None = None
    load_balancer: LoadBalancer
    pods: Pods | None = None
    ports: list[PortSpec] | None = None
    preserve_client_ip: bool = Field(False, alias="preserveClientIP")
    session_persistence: Annotated[
        Literal[False] | SessionPersistence, BeforeValidator(_persistence)
    ] = False
    traffic_policy: Literal["Auto", "Local", "Cluster"] = "Auto"
    routes: list[Route] | None = None
    drift: ExposureDrift = Field(default_factory=ExposureDrift)


# --- ServerGroup -----------------------------------------------------------------------------


class HealthCheck(Part):
    """How a group tests its servers; what is left out has the API's default (facts §6.2)."""

    enabled: bool = True
    protocol: str | None = None
    port: Annotated[int, Field(ge=0, le=65535), WHOLE] | None = None
    host: str | None = None
    path: str | None = None
    method: str | None = None
    codes: list[str] | None = None
    interval_seconds: Amount | None = None
    timeout_seconds: Amount | None = None
    healthy_threshold: Amount | None = None
    unhealthy_threshold: Amount | None = None


class Server(Part):
    """A server of a group: by address or by instance id."""

    ip: str | None = None
    instance_id: str | None = None
    port: Port
    weight: Weight = 100


class ServerGroupSpec(Part):
    """Servers outside the cluster; one cloud server group per target."""

    targets: list[str] | None = None
    product: Product
    location: Location
    protocol: str
    scheduler: str | None = None
    health_check: HealthCheck | None = None
    servers: list[Server] = Field(default_factory=list)
    server_group_id: str | None = Field(None, description="Adopt this group.")
    deletion_policy: Literal["Delete", "Retain"] = "Delete"
    drift: ExposureDrift = Field(default_factory=ExposureDrift)


Spec = FleetSpec | ExposureSpec | ServerGroupSpec
Raw = dict[str, Any]

"""The two tables of design §3 as data: where pods run, and what an Exposure needs.

`cell` answers for load balancer × placement × network plugin how backends are registered;
`NEEDS` what a need asks of a Service with such backends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from gitopsd.profiles.annotations import ON, PRESERVE_CLIENT_IP, SCHEDULER, WEIGHTED

Backends = Literal["nodes", "pods"]
Policy = Literal["Local", "Cluster"]

#: Plugins that give pods addresses of the VPC, so that a load balancer reaches them directly.
POD_ADDRESS_PLUGINS = frozenset({"Terway", "TerwayEdge"})
#: Plugins of ACK Edge clusters, which have other nodes than ECS (facts §3.2).
EDGE_PLUGINS = frozenset({"TerwayEdge", "FlannelVXLAN"})


@dataclass(frozen=True, slots=True)
class Cell:
    """What becomes of pods in one place behind one load balancer.

    `backends` are what the load balancer registers; `ip_group` says that they are registered by
    address; `always_cluster` that only Cluster reaches the pods, whatever is asked; `circuit` that
    the path crosses an Express Connect circuit. `refusal` is set where there is no such path, and
    says why; `advice` is set where another way is better.
    """

    backends: Backends = "nodes"
    ip_group: bool = False
    always_cluster: bool = False
    circuit: bool = False
    refusal: str = ""
    advice: str = ""


_CLB_EDGE = Cell(always_cluster=True, circuit=True)
_CLB_HYBRID = Cell(
    always_cluster=True,
    circuit=True,
    advice="an NLB registers the pods themselves, on cloud and edge nodes alike, where a CLB sends"
    " every request through ECS nodes",
)
_OVERLAY = Cell(
    backends="pods",
    refusal="pods have overlay addresses there, which an NLB cannot reach",
)
_NOT_EDGE = Cell(
    backends="pods",
    refusal="only Terway Edge gives pods on edge nodes addresses that an NLB can reach",
)
_NLB_HYBRID = Cell(backends="pods", ip_group=True, circuit=True)

#: load balancer, placement -> cell by network plugin (design §3, second table; facts §3.2).
_CELLS: Mapping[tuple[str, str], Mapping[str, Cell]] = {
    ("CLB", "Cloud"): dict.fromkeys(("Terway", "TerwayEdge", "Flannel", "FlannelVXLAN"), Cell()),
    ("CLB", "Edge"): dict.fromkeys(("Terway", "TerwayEdge", "Flannel", "FlannelVXLAN"), _CLB_EDGE),
    ("CLB", "Hybrid"): dict.fromkeys(
        ("Terway", "TerwayEdge", "Flannel", "FlannelVXLAN"), _CLB_HYBRID
    ),
    ("NLB", "Cloud"): {
        "Terway": Cell(backends="pods"),
        "TerwayEdge": Cell(backends="pods"),
        "Flannel": Cell(),
        "FlannelVXLAN": Cell(),
    },
    ("NLB", "Edge"): {
        "Terway": _NOT_EDGE,
        "TerwayEdge": _NLB_HYBRID,
        "Flannel": _OVERLAY,
        "FlannelVXLAN": _OVERLAY,
    },
    ("NLB", "Hybrid"): {
        "Terway": _NOT_EDGE,
        "TerwayEdge": _NLB_HYBRID,
        "Flannel": _OVERLAY,
        "FlannelVXLAN": _OVERLAY,
    },
}


def cell(load_balancer: str, placement: str, plugin: str) -> Cell:
    """The cell of the table; raises KeyError for words that are not in it."""
    return _CELLS[load_balancer, placement][plugin]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a need asks for: a traffic policy and annotations, or why it cannot be met.

    `policy` None means that any policy serves it.
    """

    policy: Policy | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""


Need = Literal["preserveClientIP", "sessionPersistence"]

#: Local gives a node the weight of its pods, and only weighted scheduling uses it (facts §3.1,
#: §1.2: a CLB is made with `rr` when nothing is said).
LOCAL_ANNOTATIONS: Mapping[str, str] = MappingProxyType({SCHEDULER: WEIGHTED})

_NLB_HAS_NONE = Effect(
    refusal="an NLB has no session persistence; scheduling by the hash of the source address"
    " (scheduler: sch) is the next best"
)

#: load balancer, backends -> effect by need (design §3, third table). The timeout of
#: `persistence-timeout` is the spec's own.
NEEDS: Mapping[tuple[str, Backends], Mapping[Need, Effect]] = {
    ("CLB", "nodes"): {
        "preserveClientIP": Effect("Local"),
        "sessionPersistence": Effect("Local"),
    },
    ("NLB", "nodes"): {
        "preserveClientIP": Effect("Local", {PRESERVE_CLIENT_IP: ON}),
        "sessionPersistence": _NLB_HAS_NONE,
    },
    ("NLB", "pods"): {
        "preserveClientIP": Effect(None, {PRESERVE_CLIENT_IP: ON}),
        "sessionPersistence": _NLB_HAS_NONE,
    },
}

"""Quotas that checks count against (facts §3.3, §6.1). The account's own numbers win."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from gitopsd.model.desired import Product

#: Server groups in one forward action; fixed, in every edition.
GROUPS_PER_ACTION = 5

#: Servers in one group. ALB's number is fixed, NLB's can be raised.
SERVERS_PER_GROUP: Mapping[Product, int] = MappingProxyType({"ALB": 1000, "NLB": 400})


class Quota(NamedTuple):
    """A number that an account has unless it asked for more, and the most it can ask for."""

    default: int
    most: int


#: Forwarding rules of one ALB by edition, its default rule not counted. An Ingress that serves
#: several listeners takes that many times its rules.
RULES_PER_ALB: Mapping[str, Quota] = MappingProxyType(
    {
        "Basic": Quota(40, 100),
        "Standard": Quota(100, 200),
        "StandardWithWaf": Quota(100, 200),
    }
)

#: Group protocols that a Basic ALB forwards to (facts §4.6).
BASIC_PROTOCOLS = frozenset({"HTTP", "gRPC"})
#: A Basic ALB does not check over HTTPS (facts §4.1).
BASIC_HEALTH_PROTOCOLS = frozenset({"HTTP", "TCP", "gRPC"})

#: Longest name of a group that the cloud controller derives for an NLB Service; it neither cuts
#: nor checks it (facts §1.6).
CONTROLLER_GROUP_NAME = 128
#: Length of an ACK cluster id, for a target that does not say its own.
CLUSTER_ID = 33
#: Digits of a node port.
NODE_PORT = 5

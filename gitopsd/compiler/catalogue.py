"""Why compiled fields have their values: every rule of the compiler, by stable id.

An id never changes its meaning; each compiled field carries one (`model.desired.Origin`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class CompileRule(NamedTuple):
    """One sentence for the author of a spec, and where it comes from."""

    because: str
    source: str


RULES: Mapping[str, CompileRule] = MappingProxyType(
    {
        # --- every object
        "GR0101": CompileRule(
            "a CLB or NLB Exposure becomes one Service, an ALB Exposure one Ingress", "design §2"
        ),
        "GR0102": CompileRule(
            "the Service or Ingress has the Exposure's name and namespace", "design §2"
        ),
        "GR0103": CompileRule("the stamp tells whose the object is", "design §4"),
        # --- Service of a CLB or NLB
        "GR0201": CompileRule("a CLB or NLB is made for a Service of this type", "facts §1.1"),
        "GR0202": CompileRule("this class makes it an NLB; without one it is a CLB", "facts §1.1"),
        "GR0203": CompileRule("an NLB is made in the target's zones", "facts §1.4"),
        "GR0204": CompileRule("the scheme says who can reach it", "facts §1.2"),
        "GR0205": CompileRule(
            "pods have addresses that the NLB reaches, so they are its backends", "design §3"
        ),
        "GR0206": CompileRule(
            "pods outside the VPC are registered by address, without looking up an ENI",
            "facts §3.2",
        ),
        "GR0207": CompileRule("only ECS nodes can be backends, and this label tells them",
                              "facts §3.2"),
        "GR0211": CompileRule("no need asks for another policy, so every node serves",
                              "design §3"),
        "GR0212": CompileRule("only Local meets this need when nodes are the backends",
                              "facts §3.1"),
        "GR0213": CompileRule("the Exposure states the policy", "design §2"),
        "GR0214": CompileRule(
            "pods outside the cloud are reached by forwarding through any ECS node", "facts §3.2"
        ),
        "GR0215": CompileRule("pods are the backends, so the policy has no say", "design §3"),
        "GR0216": CompileRule("with Local, pods share evenly only by weighted scheduling",
                              "facts §3.1"),
        "GR0217": CompileRule("the NLB passes on the client's address", "facts §1.4"),
        "GR0218": CompileRule("a client keeps its backend for so many seconds", "facts §1.3"),
        "GR0221": CompileRule("as the spec says", "design §2"),
        "GR0222": CompileRule("targetPort is the port unless said otherwise", "design §2"),
        "GR0223": CompileRule("the protocol is TCP unless said otherwise", "design §2"),
        # --- Service of pods behind an ALB
        "GR0301": CompileRule("a backend given as pods gets a Service of its own", "design §2"),
        "GR0302": CompileRule("pods have addresses of the VPC, so no node port is needed",
                              "design §2"),
        "GR0303": CompileRule(
            "the ALB takes pods of a ClusterIP Service as backends only with this", "facts §4.7"
        ),
        "GR0304": CompileRule("pods have overlay addresses, so the ALB needs node ports",
                              "facts §3.2"),
        "GR0305": CompileRule("an ALB sends HTTP, over TCP", "facts §4.6"),
        # --- Ingress
        "GR0401": CompileRule("the Exposure names the ALB's class", "design §2"),
        "GR0402": CompileRule("the target's first ALB is its default", "design §2"),
        "GR0403": CompileRule("one rule for each route, in the order listed", "facts §4.6"),
        "GR0404": CompileRule("a route is for every path, as a prefix, unless it says otherwise",
                              "design §2"),
        "GR0405": CompileRule("one Service and nothing else needs no action", "design §3"),
        "GR0406": CompileRule("an action decides, and the route's name leads to it", "facts §4.2"),
        "GR0407": CompileRule("requests are shared among the backends by weight", "facts §4.3"),
        # --- server group
        "GR0501": CompileRule("groups are named after instance, namespace and name", "design §2"),
        "GR0502": CompileRule("servers given by instance make an Instance group", "design §2"),
        "GR0503": CompileRule("servers given by address make an Ip group", "design §2"),
        "GR0504": CompileRule("a group belongs to the VPC of its load balancer", "facts §6.2"),
        "GR0505": CompileRule("servers are checked unless the spec switches it off", "design §2"),
        "GR0506": CompileRule("servers outside the VPC are remote", "facts §6.3"),
        "GR0507": CompileRule("servers inside the VPC are not remote", "facts §6.3"),
        "GR0508": CompileRule("a member's type follows from how it is named", "facts §6.3"),
        "GR0509": CompileRule("a server has weight 100 unless said otherwise", "design §2"),
        "GR0510": CompileRule("the description tells whose the member is", "design §4"),
        "GR0511": CompileRule("the tags tell whose the group is, and which", "design §4"),
        "GR0512": CompileRule("the tag remembers that the group outlives its spec", "design §4"),
    }
)  # fmt: skip

"""One pass over a Service: take it, build its model, and what applying would stumble over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gitopsd.sandbox.controllers.objects import Item, Objects
from gitopsd.sandbox.controllers.services.account import Account, Balancer
from gitopsd.sandbox.controllers.services.clb import ClbBuilder
from gitopsd.sandbox.controllers.services.naming import CLUSTER_TAG, OWNER_TAG
from gitopsd.sandbox.controllers.services.nlb import NlbBuilder
from gitopsd.sandbox.controllers.services.options import Options
from gitopsd.sandbox.controllers.services.outcome import Model, ModelError, Outcome, Told
from gitopsd.sandbox.controllers.services.taking import taker
from gitopsd.sandbox.controllers.site import Site

_CLB_FIXED: Final = {
    "MasterZoneId": ("", "master zone id once created", "LoadBalancer "),
    "SlaveZoneId": ("", "slave zone id once created", "LoadBalancer "),
    "AddressType": ("internet", "AddressType once created. delete and retry", "LoadBalancer "),
    "AddressIPVersion": ("ipv4", "AddressIPVersion once created", "LoadBalancer "),
    "ResourceGroupId": ("", "ResourceGroupId once created", ""),
    "NetworkType": ("", "network type once created", "LoadBalancer "),
    "Address": ("", "address once created", "LoadBalancer "),
}
"""Attributes of a CLB that never change: default, and the words of the refusal."""

_NLB_FIXED: Final = {"AddressIpVersion": "ipv4", "ResourceGroupId": ""}


def build(
    service: Item,
    objects: Objects,
    site: Site,
    account: Account | None = None,
    *,
    changed: bool = True,
) -> Outcome:
    """What becomes of a Service that shall have a load balancer.

    objects: holds at least the nodes and the Service's EndpointSlices. account: what the Service
    refers to in the cloud, and what was made for it before. changed: whether the Service itself
    is another than at the last pass that settled; if not, only groups are looked after.
    """
    controller = taker(service)
    outcome = Outcome(controller)
    if controller is None:
        return outcome
    known = account or Account()
    builder = NlbBuilder if controller == "nlb" else ClbBuilder
    try:
        outcome.model = builder(service, objects, site, known).build(outcome)
    except ModelError as error:
        outcome.stage, outcome.error = "local-model", error.message
        return outcome
    problem = next(_problems(service, outcome.model, known, changed), "")
    if problem:
        outcome.stage, outcome.error = "apply", f"apply model error: {problem}"
    elif _has_invalid(outcome.model):
        what = "server in server groups" if controller == "nlb" else "backend in vservergroups"
        outcome.stage, outcome.error = "after-apply", f"has invalid {what}"
    return outcome


def closing(service: Item, load_balancer: str) -> list[Told]:
    """The events of a Service that is to have no load balancer any more.

    load_balancer: the id of the one it had, "" for none.
    """
    told = []
    if load_balancer and Options(service).get("preserve-lb-on-delete"):
        message = f"The lb [{load_balancer}] will be preserved after the service is deleted."
        told.append(Told("Warning", "PreservedOnDelete", message))
    return [*told, Told("Normal", "CleanLoadBalancer", "Clean load balancer")]


def _problems(service: Item, model: Model, account: Account, changed: bool) -> Iterator[str]:
    """Why applying the model fails, the first reason first."""
    nlb = taker(service) == "nlb"
    if changed:
        yield from _balancer_problems(service, model, nlb, account)
    if nlb:
        yield from _wrong_types(model, account)
    elif changed:
        yield from _missing_groups(service, model)


def _balancer_problems(service: Item, model: Model, nlb: bool, account: Account) -> Iterator[str]:
    attributes = model.get("LoadBalancerAttribute", {})
    reused = attributes.get("LoadBalancerId", "")
    place = f"update {'nlb' if nlb else 'lb'} attribute error"
    if reused:
        balancer = account.balancers.get(reused)
        if balancer is None:
            yield f"{place}: can not find loadbalancer {reused}"
            return
        why = _not_reusable(service, balancer, nlb)
        if why:
            yield f"{place}: the loadbalancer {reused} can not be reused, {why}"
    elif account.own is not None:
        fixed = _nlb_fixed if nlb else _clb_fixed
        refusals = list(fixed(attributes, account.own.attributes))
        if len(refusals) == 1:
            yield f"{place}: {refusals[0]}"
        elif refusals:
            yield f"{place}: [{', '.join(refusals)}]"


def _not_reusable(service: Item, balancer: Balancer, nlb: bool) -> str:
    if OWNER_TAG in balancer.tags or CLUSTER_TAG in balancer.tags:
        return "can not reuse loadbalancer created by kubernetes."
    shown = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    name, field = ("dnsname", "hostname") if nlb else ("ip", "ip")
    addresses = [each.get(field, "") for each in shown]
    if not nlb and (
        Options(service).get("external-ip-type") == "eip"
        or any(each.get("hostname") and not each.get("ip") for each in shown)
    ):
        return ""
    if addresses and balancer.address not in addresses:
        before = f"service has been associated with {name} [{addresses[0]}]"
        return f"{before}, cannot be bound to {name} [{balancer.address}]"
    return ""


def _clb_fixed(wanted: dict[str, Any], have: Any) -> Iterator[str]:
    for field, (default, words, what) in _CLB_FIXED.items():
        value = wanted.get(field)
        if value and value != have.get(field, default):
            yield f"alicloud: can not change {what}{words}"


def _nlb_fixed(wanted: dict[str, Any], have: Any) -> Iterator[str]:
    for field, default in _NLB_FIXED.items():
        value, before = wanted.get(field), have.get(field, default)
        if value and value.lower() != before.lower():
            yield f"{field} cannot be changed, service: {value}, nlb: {before}"


def _wrong_types(model: Model, account: Account) -> Iterator[str]:
    for group in model.get("ServerGroups", ()):
        wanted = group.get("ServerGroupType")
        found = account.groups.get(group.get("ServerGroupId", ""))
        if wanted and found is not None and found.type != wanted:
            name = f"user managed server group {group['ServerGroupId']}"
            yield f"ServerGroupType of {name} should be [{wanted}], but [{found.type}]"


def _missing_groups(service: Item, model: Model) -> Iterator[str]:
    """A listener without its group; those of a reused CLB are looked at only when overridden."""
    options = Options(service)
    if options.get("id") and options.get("force-override-listeners") != "true":
        return
    names = {group["VGroupName"] for group in model.get("VServerGroups", ())}
    for listener in model.get("Listeners", ()):
        if "VGroupId" not in listener and listener["VGroupName"] not in names:
            what = f"can not find vgroup by name {listener['VGroupName']}"
            yield f"merge listener: find vservergroup error: {what}"


def _has_invalid(model: Model) -> bool:
    groups = [*model.get("ServerGroups", ()), *model.get("VServerGroups", ())]
    return any("InvalidServers" in group or "InvalidBackends" in group for group in groups)

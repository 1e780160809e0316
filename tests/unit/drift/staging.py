"""The examples at a target where people have been at work: what the pages of drift are tried on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from gitopsd.adapters.git import LocalFolder
from gitopsd.compiler import compile_specs
from gitopsd.diff import compare_target
from gitopsd.drift import assess, with_outlook
from gitopsd.drift.impact import impacts_by_subject
from gitopsd.drift.life import advance
from gitopsd.drift.policy import DEFAULT
from gitopsd.drift.render import Page
from gitopsd.drift.traffic import traffic
from gitopsd.model.desired import DesiredTarget, Member
from gitopsd.model.health import HealthState, MemberHealth
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Gap, ObservedMember, ObservedObject, ObservedTarget
from gitopsd.model.ownership import TARGET, Owner
from gitopsd.model.reason import Reason
from gitopsd.model.report import DriftReport, ReportState, Resolution
from gitopsd.model.wording import said
from gitopsd.planning import PlanOptions, make_plan
from gitopsd.rules import check
from gitopsd.spec.reading import read_specs
from tests.unit.build import backend, found, live, live_group, member

EXAMPLES = Path(__file__).parents[3] / "examples" / "repo"
OWNER = Owner("acme", "hangzhou-edge")
TODAY = date(2026, 11, 22)
ACTION = "alb.ingress.kubernetes.io/actions.forward"
AT = "2026-11-22T08:00:00Z"
PASSES = MemberHealth(HealthState.NORMAL)
SILENT = MemberHealth(HealthState.UNHEALTHY, "CONNECT_TIMEOUT")
#: What health checks say of servers that do not answer.
SAID = {"192.168.20.66": SILENT, "i-bp1tea0002": SILENT}
FIRST = datetime(2026, 11, 22, 6, 31, tzinfo=UTC)


@cache
def examples() -> DesiredTarget:
    specs = read_specs(LocalFolder(EXAMPLES))
    return compile_specs(specs, check(specs)).targets[OWNER.target]


def as_wanted(item: Member) -> ObservedMember:
    return ObservedMember(
        item.key, item.server_type, item.weight, OWNER.member_description, remote=item.remote
    )


def group_id(identity: Identity) -> str:
    return f"sgp-{identity.name.replace('-', '')}01"


def balanced(item: ObservedObject, host: str) -> ObservedObject:
    status = {"loadBalancer": {"ingress": [{"hostname": host}]}}
    return replace(item, manifest={**item.manifest, "status": status})


def stand(
    edits: Mapping[str, Mapping[str, Any]] | None = None,
    groups: Mapping[str, Any] | None = None,
    **more: Any,
) -> ObservedTarget:
    """The target as applied, then edited: objects by name and path, groups by name."""
    desired = examples()
    ids = {identity: group_id(identity) for identity in desired.groups}
    things: list[Any] = []
    for identity, item in desired.objects.items():
        kind = "alb-3f2a" if identity.kind == "Ingress" else f"nlb-{identity.name}"
        changed = (edits or {}).get(identity.name, {})
        at = f"{kind}.cn-hangzhou.alb.aliyuncsslb.com"
        things.append(balanced(live(item, ids, edits=changed), at))
    for identity, group in desired.groups.items():
        given = {"members": [as_wanted(m) for m in group.members]}
        given |= (groups or {}).get(identity.name, {})
        tags = {TARGET: OWNER.target}
        things.append(live_group(group, ids[identity], tags=tags, **given))
    services = {("default", name): backend(80) for name in ("tea-svc", "coffee-svc")}
    seen = found(*things, services=services, namespaces=("default", "shop"), **more)
    return replace(seen, name=OWNER.target)


def shares(identity: Identity, *weights: int) -> str:
    """The action of an example's Ingress as it is live, with other weights."""
    item = examples().objects[identity]
    text = item.manifest["metadata"]["annotations"][ACTION]
    for group in item.groups:
        text = text.replace(f"<{group.key}>", group_id(group))
    action = json.loads(text)
    for entry, weight in zip(action[0]["ForwardConfig"]["ServerGroups"], weights, strict=True):
        entry["Weight"] = weight
    return json.dumps(action, separators=(",", ":"))


def page_of(observed: ObservedTarget, *, reported: bool = False) -> Page:
    """What is known of the examples' target, with a report of each subject that drifted."""
    desired = examples()
    comparison = compare_target(desired, observed, OWNER, today=TODAY)
    plan = make_plan(comparison, desired, observed, OWNER, PlanOptions(TODAY))
    assessment = with_outlook(assess(comparison, desired, observed, today=TODAY), plan)
    routes = traffic(comparison, desired, observed, today=TODAY)
    told = advance((), assessment, OWNER, FIRST, impacts=impacts_by_subject(routes))
    return Page(assessment, tuple(told.reports.values()) if reported else (), routes, AT, "79837d4")


INGRESS = Identity("Ingress", "default", "tea-ingress")
HYBRID = Identity("Ingress", "default", "tea-on-premises")


def drifted(*, reported: bool = True) -> Page:
    """A weight moved in an Ingress, a server edited, one gone, a stranger, a Service's policy."""
    edited = {
        "tea-ingress": {f"metadata.annotations@{ACTION}": shares(INGRESS, 60, 40)},
        "tea-on-premises": {f"metadata.annotations@{ACTION}": shares(HYBRID, 30, 20, 0, 50)},
        "audit": {"spec.externalTrafficPolicy": "Cluster"},
    }
    moved = {
        "tea-chengdu": {"members": [member("10.8.1.11", 8080, 5), member("10.8.1.12", 8080, 50)]},
        "tea-idc": {
            "members": [
                member("192.168.20.11", 8080, 100),
                member("192.168.20.66", 8080, 100, "added by hand"),
            ]
        },
    }
    observed = stand(edited, moved)
    checks = {
        group.id: {m.key: SAID.get(m.key.server_id, PASSES) for m in group.members}
        for group in observed.groups
        if group.identity and group.identity.name in ("tea-idc", "tea-ecs", "coffee-idc")
    }
    return page_of(replace(observed, health=checks), reported=reported)


def fine() -> Page:
    """All as Git wants it."""
    return page_of(stand())


def blind() -> Page:
    """The cloud did not answer, so nothing is known of its groups."""
    why = "the ALB API answered 503 (ServiceUnavailable) three times"
    gaps = (Gap(said("product-groups", product="ALB"), why, frozenset({"ALB"})),)
    return page_of(replace(stand(gaps=gaps), groups=()))


def many() -> Page:
    """So much moved in one pass that it is one report; an earlier one has come to its end."""
    base = drifted()
    told = advance((), base.assessment, OWNER, FIRST, policy=replace(DEFAULT, many=4))
    ended = DriftReport(
        "1111222233334444", "acme", OWNER.target, Identity("Exposure", "shop", "kiosk"),
        Identity("Service", "shop", "kiosk"), Reason.FIELD, state=ReportState.RESOLVED,
        resolved_at="2026-11-22T05:10:00Z", resolution=Resolution.CORRECTED,
    )  # fmt: skip
    return replace(base, reports=(*told.reports.values(), ended))


PAGES = {"drifted": drifted, "fine": fine, "blind": blind, "many": many}

"""The state of a product as JSON-able data, and back.

Readings of the clock mean nothing in another process: what is due is kept as seconds from the
moment of the dump. Tag filters and health checks have caught up by then: lags are not kept.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from gitopsd.sandbox.cloud.state import (
    Group,
    Job,
    Listener,
    LoadBalancer,
    Member,
    Rule,
    State,
    TagBook,
)

FORMAT = 1
Data = dict[str, Any]


def dump_state(state: State, now: float) -> Data:
    """Everything worth keeping; `now` is the clock's reading."""
    return {
        "groups": [_dump_group(group) for group in state.groups.values()],
        "jobs": [_dump_job(job, now) for job in state.jobs.values()],
        "running": dict(state.running),
        "loadBalancers": [asdict(each) for each in state.load_balancers.values()],
        "listeners": [asdict(each) for each in state.listeners.values()],
        "rules": [asdict(each) for each in state.rules.values()],
        "relations": {group: sorted(users) for group, users in state.relations.items()},
        "unhealthy": [
            [group_id, list(key), *health]
            for group_id, members in state.unhealthy.items()
            for key, health in members.items()
        ],
        "tags": {resource: dict(tags) for resource, tags in state.tags.current.items()},
        "counter": state.counter,
    }


def load_state(data: Mapping[str, Any], now: float) -> State:
    """The reverse of `dump_state`; jobs are due as many seconds from `now` as they were then."""
    state = State(
        groups={each["group_id"]: _load_group(each) for each in data["groups"]},
        jobs={each["job_id"]: _load_job(each, now) for each in data["jobs"]},
        running=dict(data["running"]),
        load_balancers={
            each["load_balancer_id"]: LoadBalancer(**each) for each in data["loadBalancers"]
        },
        listeners={each["listener_id"]: Listener(**_grouped(each)) for each in data["listeners"]},
        rules={each["rule_id"]: Rule(**_grouped(each)) for each in data["rules"]},
        relations={group: set(users) for group, users in data["relations"].items()},
        tags=TagBook({resource: dict(tags) for resource, tags in data["tags"].items()}),
        counter=data["counter"],
    )
    for group_id, key, status, reason in data["unhealthy"]:
        states = state.unhealthy.setdefault(group_id, {})
        states[(key[0], key[1], key[2])] = (status, reason)
    return state


def _dump_group(group: Group) -> Data:
    return {
        "group_id": group.group_id,
        "attributes": copy.deepcopy(group.attributes),
        "order": group.order,
        "status": group.status,
        "managed": group.managed,
        "members": [_dump_member(member) for member in group.members.values()],
    }


def _dump_member(member: Member) -> Data:
    return {name: getattr(member, name) for name in Member.__slots__ if name != "since"}


def _load_group(data: Mapping[str, Any]) -> Group:
    members = [Member(**each) for each in data["members"]]
    return Group(**{**data, "members": {member.key: member for member in members}})


def _dump_job(job: Job, now: float) -> Data:
    data = {
        name: getattr(job, name)
        for name in Job.__slots__
        if name not in ("before", "due", "settles", "removes", "failure")
    }
    return {
        **data,
        "remaining": None if job.due is None else max(0.0, job.due - now),
        "settles": [list(key) for key in job.settles],
        "removes": [list(key) for key in job.removes],
        "failure": list(job.failure) if job.failure else None,
        "before": _dump_group(job.before) if job.before else None,
    }


def _load_job(data: Mapping[str, Any], now: float) -> Job:
    fields = dict(data)
    remaining = fields.pop("remaining")
    fields["due"] = None if remaining is None else now + remaining
    for name in ("settles", "removes"):
        fields[name] = [(key[0], key[1], key[2]) for key in fields[name]]
    fields["failure"] = tuple(fields["failure"]) if fields["failure"] else None
    fields["before"] = _load_group(fields["before"]) if fields["before"] else None
    return Job(**fields)


def _grouped(data: Mapping[str, Any]) -> Data:
    return {**data, "group_ids": tuple(data["group_ids"])}

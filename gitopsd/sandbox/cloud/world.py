"""One product at one moment: its state, its settings, its clock, and how its jobs move on.

Nothing happens in the background. Whoever looks first asks the world to settle: every job that is
due by the clock is finished then, in the order in which the jobs became due.
"""

from __future__ import annotations

import copy
import random
import string
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitopsd.sandbox.cloud.errors import Product
from gitopsd.sandbox.cloud.state import (
    ADDING,
    AVAILABLE,
    FAILED,
    SUCCEEDED,
    Group,
    Job,
    MemberKey,
    State,
)

Parameters = Mapping[str, Any]
Answer = dict[str, Any]
Commit = Callable[[], Answer]
"""What a checked operation returns: calling it makes the change and gives the answer's fields."""

_ID_LETTERS = string.ascii_lowercase + string.digits
_JOBS_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Spelling:
    """Names of resources inside the product's error codes; their letter case differs."""

    group: str
    load_balancer: str
    listener: str


SPELLINGS: Mapping[Product, Spelling] = {
    "alb": Spelling("ServerGroup", "LoadBalancer", "Listener"),
    "nlb": Spelling("serverGroup", "loadBalancer", "listener"),
}


@dataclass(slots=True)
class Settings:
    """What a test may turn while the sandbox runs.

    `durations` are seconds a job of the operation takes ("*" is the default), `tag_lag` the seconds
    until tag filters notice TagResources, `probe_delay` the seconds that a new member's health is
    Initial. `vpcs` maps a VPC id to its CIDRs; addresses are judged against a VPC only when it is
    listed. `bare` are addresses inside a VPC that no network interface holds. `instances` maps
    ECS, ENI and ECI ids to their primary address; empty: every instance exists. `quotas` are keyed
    `<product>.<what>`, some with an edition (facts §3.3).
    `rates` limit calls per 60 seconds, keyed `<product>.<operation>`; empty: no limit.
    `clock_error` are the seconds by which the cloud's time of day is wrong.
    """

    durations: dict[str, float] = field(default_factory=lambda: {"*": 0.03})
    tag_lag: float = 0.03
    probe_delay: float = 0.03
    vpcs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bare: set[str] = field(default_factory=set)
    instances: dict[str, str] = field(default_factory=dict)
    quotas: dict[str, int] = field(default_factory=lambda: dict(DEFAULT_QUOTAS))
    rates: dict[str, int] = field(default_factory=dict)
    clock_error: float = 0.0


DEFAULT_QUOTAS: Mapping[str, int] = {
    "alb.groups": 3000,
    "alb.servers_per_group": 1000,
    "alb.servers_per_balancer.Basic": 200,
    "alb.servers_per_balancer.Standard": 1000,
    "alb.servers_per_balancer.StandardWithWaf": 1000,
    "alb.tags_per_resource": 20,
    "nlb.groups": 3000,
    "nlb.servers_per_group": 400,
    "nlb.eci_servers_per_group": 1600,
    "nlb.servers_per_balancer": 400,
    "nlb.eci_servers_per_balancer": 1600,
    "nlb.server_added": 200,
    "nlb.tags_per_resource": 20,
}


@dataclass(frozen=True, slots=True)
class JobFault:
    """How the next job goes wrong: it fails with code and message, or it never ends."""

    failure: tuple[str, str] | None = None
    stuck: bool = False


@dataclass(slots=True)
class World:
    """Everything an operation of one product works on.

    `clock` drives jobs and lags (seconds, any origin); `wall` gives the time of day in epoch
    seconds for the fields that show one.
    """

    product: Product
    region: str
    settings: Settings
    clock: Callable[[], float]
    wall: Callable[[], float]
    chance: random.Random
    state: State = field(default_factory=State)

    @property
    def spelling(self) -> Spelling:
        """How this product spells resources in codes."""
        return SPELLINGS[self.product]

    def quota(self, what: str) -> int:
        """The limit in force."""
        return self.settings.quotas[f"{self.product}.{what}"]

    def new_id(self, prefix: str) -> str:
        """A fresh id in the form of the product's own."""
        return f"{prefix}-" + "".join(self.chance.choices(_ID_LETTERS, k=18))

    def time_of_day(self) -> float:
        """The time of day as the cloud believes it to be, in epoch seconds."""
        return self.wall() + self.settings.clock_error

    def wall_ms(self) -> int:
        """The time of day in milliseconds."""
        return int(self.time_of_day() * 1000)

    def start_job(
        self,
        api_name: str,
        group: Group,
        *,
        before: Group | None,
        fault: JobFault | None,
        settles: Iterable[MemberKey] = (),
        removes: Iterable[MemberKey] = (),
        deletes: bool = False,
    ) -> Job:
        """Begin the asynchronous part of a change that has just been entered into `group`."""
        durations = self.settings.durations
        seconds = durations.get(api_name, durations.get("*", 0.0))
        stuck = fault is not None and fault.stuck
        job = Job(
            job_id=str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
            api_name=api_name,
            group_id=group.group_id,
            created_ms=self.wall_ms(),
            modified_ms=self.wall_ms(),
            order=self.state.next_order(),
            due=None if stuck else self.clock() + seconds,
            settles=list(settles),
            removes=list(removes),
            deletes=deletes,
            failure=fault.failure if fault else None,
            before=before,
        )
        self.state.jobs[job.job_id] = job
        self.state.running[group.group_id] = job.job_id
        return job

    def settle(self) -> None:
        """Finish every job that is due."""
        if not self.state.running:
            return
        now = self.clock()
        jobs = [self.state.jobs[job_id] for job_id in self.state.running.values()]
        due = [(job.due, job.order, job) for job in jobs if job.due is not None and job.due <= now]
        for _, _, job in sorted(due, key=lambda item: item[:2]):
            self._finish(job)
        self._forget_old_jobs()

    def release_stuck(self) -> None:
        """Let jobs that never end by themselves end at the next look."""
        for job_id in self.state.running.values():
            job = self.state.jobs[job_id]
            if job.due is None:
                job.due = self.clock()

    def drop_group(self, group_id: str) -> None:
        """The group and all that is known of it vanish."""
        self.state.groups.pop(group_id, None)
        self.state.running.pop(group_id, None)
        self.state.unhealthy.pop(group_id, None)
        self.state.relations.pop(group_id, None)
        self.state.tags.forget(group_id)

    def _finish(self, job: Job) -> None:
        job.modified_ms = self.wall_ms()
        self.state.running.pop(job.group_id, None)
        job.status = FAILED if job.failure else SUCCEEDED
        before, job.before = job.before, None
        group = self.state.groups.get(job.group_id)
        if group is None:
            return
        if job.failure:
            self._roll_back(job.group_id, before)
        elif job.deletes:
            self.drop_group(job.group_id)
        else:
            _carry_out(group, job, self.clock())

    def _roll_back(self, group_id: str, before: Group | None) -> None:
        if before is None:
            self.drop_group(group_id)
        else:
            self.state.groups[group_id] = before

    def _forget_old_jobs(self) -> None:
        for job_id in list(self.state.jobs)[: max(0, len(self.state.jobs) - _JOBS_KEPT)]:
            if self.state.jobs[job_id].status in (SUCCEEDED, FAILED):
                del self.state.jobs[job_id]


def snapshot(group: Group, fault: JobFault | None) -> Group | None:
    """The group as it is now, for a job that is going to fail; others never look back."""
    return copy.deepcopy(group) if fault is not None and fault.failure else None


def _carry_out(group: Group, job: Job, now: float) -> None:
    for key in job.removes:
        group.members.pop(key, None)
    for key in job.settles:
        member = group.members.get(key)
        if member is not None:
            member.since = now if member.status == ADDING else member.since
            member.status = AVAILABLE
    group.status = AVAILABLE

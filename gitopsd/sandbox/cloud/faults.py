"""Faults as data: what goes wrong, for which calls, how often.

Rules are matched in order against product and operation. Matching never depends on time: a rule
lets `skip` calls pass, then hits `times` calls (None: for ever), then is spent. A `chance` below 1
is drawn under the rule's own `seed`, so the same calls meet the same faults.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from gitopsd.sandbox.cloud.errors import (
    ApiError,
    Product,
    forbidden,
    incorrect_status,
    quota_exceeded,
    throttled,
)
from gitopsd.sandbox.cloud.schema import Operation
from gitopsd.sandbox.cloud.world import SPELLINGS, JobFault

Kind = Literal[
    "latency",
    "throttle",
    "http-5xx",
    "drop-before",
    "drop-after",
    "job-fails",
    "job-stuck",
    "quota",
    "forbidden",
    "conflict",
    "clock",
    "error",
]
_REFUSALS = frozenset({"throttle", "http-5xx", "quota", "forbidden", "conflict", "error"})
_JOB_KINDS = frozenset({"job-fails", "job-stuck"})
_DROPS = frozenset({"drop-before", "drop-after"})
_OF_JOBS = frozenset({"job-fails", "job-stuck", "conflict"})


def strikes(kind: str, operation: Operation) -> bool:
    """Whether such trouble is trouble for an operation: only jobs fail, and nobody conflicts with,
    or fills a quota by, a look.
    """
    if kind in _OF_JOBS:
        return operation.job
    return kind != "quota" or operation.access == "write"


@dataclass(slots=True)
class Tally:
    """How many calls a rule has struck."""

    struck: int = 0


@dataclass(slots=True)
class Fault:
    """One rule.

    kind: latency (`seconds` before a read, between effect and answer of a write), throttle (with
    `retry_after_ms` as header, or without), http-5xx (`status`, JSON unless `html`), drop-before
    and drop-after (the connection breaks before or after the effect), job-fails (`code`,
    `message`), job-stuck, quota (`code`), forbidden, conflict (the group is busy), clock (the time
    of day jumps by `seconds`), error (`code`, `message`, `status`, `html`).
    product, operation: which calls; operation is a shell pattern such as "*ServerGroup*".
    """

    kind: Kind
    operation: str = "*"
    product: Product | None = None
    times: int | None = 1
    skip: int = 0
    seconds: float = 0.0
    code: str = ""
    message: str = ""
    status: int = 0
    retry_after_ms: int | None = None
    html: bool = False
    chance: float = 1.0
    seed: str = ""
    tally: Tally = field(default_factory=Tally, compare=False)
    dice: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311 - faults guard nothing

    @property
    def spent(self) -> bool:
        """Whether it will strike no more."""
        return self.times == 0

    def matches(self, product: Product, operation: Operation) -> bool:
        """Whether the rule is about such a call and not yet spent."""
        return (
            self.times != 0
            and self.product in (None, product)
            and fnmatchcase(operation.name, self.operation)
            and strikes(self.kind, operation)
        )

    def hit(self) -> bool:
        """Count a matching call; whether it is hit."""
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.chance < 1 and self.dice.random() >= self.chance:
            return False
        if self.times is not None:
            self.times -= 1
        self.tally.struck += 1
        return True


@dataclass(frozen=True, slots=True)
class Trouble:
    """What one call meets: at most one rule of each sort."""

    latency: float = 0.0
    drop: Literal["", "drop-before", "drop-after"] = ""
    refusal: Fault | None = None
    job: JobFault | None = None
    clock: float = 0.0


def meet(faults: Iterable[Fault], product: Product, operation: Operation) -> Trouble:
    """The trouble of one call; the rules that hit are counted down."""
    latency, drop, refusal, job, clock = 0.0, "", None, None, 0.0
    for fault in faults:
        if not fault.matches(product, operation):
            continue
        if fault.kind == "latency" and not latency and fault.hit():
            latency = fault.seconds
        elif fault.kind in _DROPS and not drop and fault.hit():
            drop = fault.kind
        elif fault.kind in _REFUSALS and refusal is None and fault.hit():
            refusal = fault
        elif fault.kind in _JOB_KINDS and job is None and fault.hit():
            failure = (fault.code or "OperationFailed", fault.message or "The job has failed.")
            job = JobFault(stuck=True) if fault.kind == "job-stuck" else JobFault(failure)
        elif fault.kind == "clock" and fault.hit():
            clock += fault.seconds
    return Trouble(latency, drop, refusal, job, clock)  # type: ignore[arg-type]


def refusal_error(fault: Fault, product: Product, action: str, access_key_id: str) -> ApiError:
    """The error that a refusing rule gives."""
    if fault.kind == "throttle":
        return throttled(fault.retry_after_ms)
    if fault.kind == "forbidden":
        return forbidden(product, action, access_key_id)
    if fault.kind == "quota":
        return quota_exceeded(
            fault.code.removeprefix("QuotaExceeded.") or "QuotaInsufficient", "the sandbox", 1, 1
        )
    if fault.kind == "conflict":
        return incorrect_status(SPELLINGS[product].group, "sgp-busy", "Configuring")
    if fault.kind == "http-5xx" or (fault.kind == "error" and fault.status >= 500):
        return ApiError(
            fault.code or "ServiceUnavailable",
            fault.message or "The request has failed due to a temporary failure of the server.",
            fault.status or 503,
        )
    return ApiError(
        fault.code or "SystemBusy",
        fault.message or "System is busy, please try again later.",
        fault.status or 400,
    )

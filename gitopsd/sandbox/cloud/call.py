"""One decoded call on its way to the function that answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gitopsd.sandbox.cloud.world import Commit, JobFault, Parameters, World


@dataclass(frozen=True, slots=True)
class Call:
    """`parameters` are decoded and within their limits; `job_fault` spoils the job it starts."""

    action: str
    parameters: Parameters
    world: World
    job_fault: JobFault | None = None


Handler = Callable[[Call], Commit]
"""Checks everything and returns the change to make; raises ApiError to refuse."""

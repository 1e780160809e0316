"""One pass at one target: observe, compare, plan, and carry the plan out.

What belongs here: calling the pure packages and the ports in the right order, and executing a plan
step by step. What does not: decisions (they are in the plan already), knowledge of any product or
library (adapters have it), or choosing adapters (`wiring` does).
"""

from gitopsd.engine.checking import Refused, refused_by_cloud
from gitopsd.engine.execution import Execution, execute, note, writes
from gitopsd.engine.neighbourhood import look_around
from gitopsd.engine.observation import observe_target
from gitopsd.engine.passes import (
    Judgement,
    assess_target,
    judge_target,
    plan_and_assess,
    plan_target,
)
from gitopsd.engine.reporting import Kept, keep_reports, tell_corrected
from gitopsd.engine.repository import Reading, read_repository
from gitopsd.engine.staleness import moved_since

__all__ = [
    "Execution",
    "Judgement",
    "Kept",
    "Reading",
    "Refused",
    "assess_target",
    "execute",
    "judge_target",
    "keep_reports",
    "look_around",
    "moved_since",
    "note",
    "observe_target",
    "plan_and_assess",
    "plan_target",
    "read_repository",
    "refused_by_cloud",
    "tell_corrected",
    "writes",
]

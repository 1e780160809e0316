"""How a pass that has ended is told: a line of the log, and what its trace says of it."""

from __future__ import annotations

from gitopsd.daemon.journal import Journal
from gitopsd.daemon.passes import PassResult
from gitopsd.model.outcome import StepState
from gitopsd.ports import Span


def tell(journal: Journal, result: PassResult) -> None:
    """Write what came of a pass."""
    counts = {}
    if result.outcome is not None:
        counts = {str(state): n for state in StepState if (n := result.outcome.count(state))}
    journal.tell(
        "pass.ended",
        "warning" if result.trouble else "info",
        revision=result.order.revision,
        plan=result.plan.hash[:12] if result.plan and result.plan.steps else "",
        steps=len(result.plan.steps) if result.plan else 0,
        **counts,
        cut_short=result.cut_short or None,
        seconds=round(sum(result.seconds.values()), 3),
        trouble=result.trouble,
    )


def trace(span: Span, result: PassResult) -> None:
    """Tell the trace what came of a pass."""
    about: dict[str, str | int] = {"gitopsd.pass.result": result.verdict}
    if result.plan is not None:
        about["gitopsd.plan.hash"] = result.plan.hash
        about["gitopsd.plan.steps"] = len(result.plan.steps)
    if result.observed.cluster_uid:
        about["k8s.cluster.uid"] = result.observed.cluster_uid
    span.note(about)
    if result.trouble:
        span.fail(result.verdict, result.trouble)

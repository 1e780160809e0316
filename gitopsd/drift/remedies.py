"""What a person can do about a drift report: the commands, ready to type."""

from __future__ import annotations

import shlex

from gitopsd.model.identity import Identity
from gitopsd.model.reason import Reason
from gitopsd.model.report import Action, DriftReport, Remedy, RemedyKind
from gitopsd.model.verdict import Difference

#: Reasons whose evidence a spec could express, so that it may be taken into Git.
_ACCEPTABLE = frozenset({Reason.FIELD, Reason.MEMBER_GONE, Reason.MEMBER_FOREIGN})
_HOLDABLE = frozenset({Reason.FIELD, Reason.ADDITION, Reason.MEMBER_GONE, Reason.MEMBER_FOREIGN})


def remedies(report: DriftReport) -> tuple[Remedy, ...]:
    """What can be done, the likeliest first; nothing for a report that is resolved."""
    if not report.open:
        return ()
    target = f"--target {shlex.quote(report.target)}"
    look = Remedy(RemedyKind.LOOK, f"gitopsd drift {target}")
    if report.subject is None or report.resource is None:
        return (look,)
    found: list[Remedy] = []
    if report.reason is Reason.STAMP and Action.DECIDE in report.actions:
        found.append(_adopt(report.resource, target))
    elif report.reason in (Reason.SHADOWED, Reason.MEMBER_SILENT, Reason.EXPIRED):
        found.append(Remedy(RemedyKind.MEND))
    if Action.LEAVE in report.actions:
        found.append(Remedy(RemedyKind.CORRECT, f"gitopsd apply --correct {target}"))
    elif Action.CORRECT in report.actions:  # --correct would override holds besides
        found.append(Remedy(RemedyKind.CORRECT, f"gitopsd apply {target}"))
    subject = shlex.quote(str(report.subject))
    if report.reason in _ACCEPTABLE:
        found.append(Remedy(RemedyKind.ACCEPT, f"gitopsd drift accept {subject} {target}"))
    if report.reason in _HOLDABLE and report.evidence:
        found.append(_hold(subject, report.evidence[0], target))
    return (*found, look)


def _adopt(resource: Identity, target: str) -> Remedy:
    name = shlex.quote(str(resource))
    return Remedy(RemedyKind.ADOPT, f"gitopsd apply --adopt {name} {target}")


def _hold(subject: str, item: Difference, target: str) -> Remedy:
    path = shlex.quote(f"{item.resource.kind}/{item.path}")
    command = f"gitopsd drift hold {subject} --path {path} --until 2h --reason 'why' {target}"
    return Remedy(RemedyKind.HOLD, command)

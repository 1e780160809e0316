"""What a person can do about a drift report: the commands, ready to type."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from gitopsd.diff.routes import around
from gitopsd.model.approval import apply_now, request, scope
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.plan import Guard, Hold
from gitopsd.model.reason import Reason
from gitopsd.model.report import DriftReport, Remedy, RemedyKind
from gitopsd.model.verdict import Difference

#: Reasons whose evidence a spec could express, so that it may be taken into Git.
_ACCEPTABLE = frozenset({Reason.FIELD, Reason.MEMBER_GONE, Reason.MEMBER_FOREIGN})
_HOLDABLE = frozenset({Reason.FIELD, Reason.ADDITION, Reason.MEMBER_GONE, Reason.MEMBER_FOREIGN})
#: So many holds are offered, one for each field; nobody types more of them.
_HOLDS = 5
#: Guards whose release names the thing, as options of `apply`.
_NAMED = {Guard.ADOPTION: RemedyKind.ADOPT, Guard.REPLACEMENT: RemedyKind.REPLACE}


def remedies(report: DriftReport, instance: str = "") -> tuple[Remedy, ...]:
    """What can be done, the likeliest first; nothing for a report that is resolved.

    `instance` is the one to name in commands, "" where it is the Fleet's own name.
    """
    if not report.open:
        return ()
    target = scope(report.target, instance)
    look = Remedy(RemedyKind.LOOK, f"gitopsd drift {target}")
    if report.subject is None or report.resource is None:
        return (look,)
    found: list[Remedy] = []
    if report.reason in (Reason.SHADOWED, Reason.MEMBER_SILENT, Reason.EXPIRED):
        found.append(Remedy(RemedyKind.MEND))
    found += dict.fromkeys(_by_outlook(report, target))
    subject = shlex.quote(str(report.subject))
    if report.reason in _ACCEPTABLE and report.standing:
        found.append(Remedy(RemedyKind.ACCEPT, f"gitopsd drift accept {subject} {target}"))
    if report.reason in _HOLDABLE and report.standing:
        holds = dict.fromkeys(_hold(subject, item, target) for item in report.standing)
        found += list(holds)[:_HOLDS]
    return (*found, look)


def approval(outlook: Outlook, where: str) -> str:
    """The command that approves what a guard holds; "" where no approval lets it go.

    It takes no lease, so that it works beside an operator, whose next pass does what was held.
    """
    named = bool(outlook.approve and outlook.hold and outlook.approve in outlook.hold.release)
    return request(outlook.approve, where) if named else ""


def _by_outlook(report: DriftReport, target: str) -> Iterator[Remedy]:
    """What lets go what a guard holds, or puts the rest right at once."""
    actions = {item.outlook.action for item in report.standing if item.outlook}
    for item in report.standing:
        if item.outlook and item.outlook.hold:
            yield from _release(item.outlook, item.outlook.hold, target)
    zeros = any(
        d.manual and d.outlook and d.outlook.action is Action.DECIDE for d in report.standing
    )
    if Action.LEAVE in actions or zeros:
        yield Remedy(RemedyKind.CORRECT, apply_now(target, "--correct"))
    elif actions & {Action.CORRECT, Action.WITHHOLD}:  # --correct would override holds besides
        yield Remedy(RemedyKind.CORRECT, apply_now(target))


def _release(outlook: Outlook, hold: Hold, target: str) -> Iterator[Remedy]:
    """The command that lets the step go; nothing where only mending helps."""
    if command := approval(outlook, target):
        yield Remedy(RemedyKind.APPROVE, command)
    kind = _NAMED.get(hold.guard)
    _, dashes, options = hold.release.partition("--")
    if kind is not None and dashes:
        yield Remedy(kind, apply_now(target, f"--{options}"))


def _hold(subject: str, item: Difference, target: str) -> Remedy:
    path = shlex.quote(f"{item.resource.kind}/{around(item.path)}")
    command = f"gitopsd drift hold {subject} --path {path} --until 2h --reason 'why' {target}"
    return Remedy(RemedyKind.HOLD, command)

"""What a person can do about a drift report: the commands, ready to type."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from gitopsd.diff.routes import around
from gitopsd.model.approval import apply_now, request, scope
from gitopsd.model.identity import SERVER_GROUP
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.ownership import INSTANCE, MANAGED_BY, MANAGER, Owner
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


def remedies(report: DriftReport, again: str = "") -> tuple[Remedy, ...]:
    """What can be done, the likeliest first; nothing for a report that is resolved.

    `again` are the words by which commands find the target again, `--target` aside.
    """
    if not report.open:
        return ()
    target = scope(report.target, again)
    look = Remedy(RemedyKind.LOOK, f"gitopsd drift {target}")
    found = [Remedy(RemedyKind.END_FIGHT)] if report.fighters else []
    if report.subject is None or report.resource is None:
        return (*found, look)
    if report.reason in (Reason.SHADOWED, Reason.MEMBER_SILENT, Reason.EXPIRED):
        found.append(Remedy(RemedyKind.MEND))
    found += _left(report, target)
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


def _left(report: DriftReport, where: str) -> Iterator[Remedy]:
    """What Git asks for no more, and what lost our marks (`drift.verdicts`): it goes, or it stays.

    Of a group only the plan knows the id by which it is tagged.
    """
    thing = report.resource
    if report.reason is not Reason.STAMP or thing is None or any(i.path for i in report.standing):
        return
    if thing.kind == SERVER_GROUP:
        yield Remedy(RemedyKind.WAYS_OUT, f"gitopsd plan {where}")
        return
    label = f"kubectl -n {thing.namespace} label --overwrite {thing.kind.lower()} {thing.name}"
    marks = {MANAGED_BY: MANAGER, **Owner(report.instance, report.target).tag_filter}
    words = " ".join(f"{key}={value}" for key, value in marks.items())
    yield Remedy(RemedyKind.LET_GO, f"{label} {words}")
    yield Remedy(RemedyKind.FORGET, f"{label} {INSTANCE}=none")


def _by_outlook(report: DriftReport, target: str) -> Iterator[Remedy]:
    """What lets go what a guard holds, or puts the rest right at once."""
    actions = {item.outlook.action for item in report.standing if item.outlook}
    for item in report.standing:
        if item.outlook and item.outlook.hold:
            yield from _release(item.outlook, item.outlook.hold, target)
    zeros = any(
        d.manual and d.outlook and d.outlook.action is Action.DECIDE for d in report.standing
    )
    left = [item.outlook for item in report.standing if item.outlook and item.outlook.left]
    if any(outlook.hold is None for outlook in left) or zeros:
        yield Remedy(RemedyKind.CORRECT, apply_now(target, "--correct"))
    elif MANAGER in report.fighters:
        return  # once more is no remedy
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

"""Sentences about findings, the same in every form."""

from __future__ import annotations

import re
from dataclasses import replace

from gitopsd.diff.actions import weights_in
from gitopsd.drift.remedies import approval
from gitopsd.drift.render.language import ENGLISH, Words
from gitopsd.drift.render.page import Page, Section
from gitopsd.model.approval import apply_now, scope
from gitopsd.model.identity import SERVER_GROUP, Identity
from gitopsd.model.outlook import Action
from gitopsd.model.ownership import DIGEST
from gitopsd.model.paths import join
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import (
    Assessment,
    Attribution,
    Cause,
    Difference,
    State,
    Verdict,
    WaitingFor,
)
from gitopsd.profiles.annotations import ACTIONS
from gitopsd.typography import clean

_DIGESTS = frozenset({join(("metadata", "labels", DIGEST)), join(("tags", DIGEST))})
#: What stands at the spec, or was never written at all.
_UNWRITTEN = frozenset({Reason.MEMBER_SILENT, Reason.EXPIRED})
#: So many fields of a fight are named; each finding names its own.
_FOUGHT = 5
#: What is as asked for, and somebody has still to catch up, or to say how its members are.
_WAITING, _UNHEARD = "waiting", "unheard"
_COUNTED = (State.UNKNOWN, State.DRIFTED, State.CHANGED, _UNHEARD, State.IN_SYNC)


def summary(assessment: Assessment, words: Words = ENGLISH) -> str:
    """`1 drifted, 1 changed, 5 in sync`; `nothing is declared here` for an empty target."""
    text = words.list(
        words("text.count", number=f"{len(subjects):,}", state=words(f"state.{name}"))
        for name, subjects in tally(assessment).items()
        if subjects
    )
    if assessment.gaps:
        return words("text.partly", counts=text) if text else words("text.blind")
    return text or words("text.empty")


def tally(assessment: Assessment) -> dict[str, list[Identity]]:
    """The subjects of each state, the worst first.

    What waits for a controller is in sync; where nobody could read health, that is not known.
    """
    by_state: dict[str, list[Identity]] = {name: [] for name in _COUNTED}
    for verdict in assessment.verdicts:
        name = standing(verdict)
        by_state[State.IN_SYNC if name == _WAITING else name].append(verdict.subject)
    return by_state


def standing(of: Section | Verdict) -> str:
    """The state, or what is still waited for where all is as asked for: a key of texts."""
    if of.state is not State.IN_SYNC or not of.waiting:
        return of.state
    return _UNHEARD if any(w.what is WaitingFor.HEALTH for w in of.waiting) else _WAITING


def told(section: Section, *, full: bool = False) -> tuple[Difference, ...]:
    """The differences that tell a reader something.

    Not that our digest is another where Git moved, unless it is all there is.
    """
    drift = Cause.DRIFT
    rest = tuple(d for d in section.differences if d.path not in _DIGESTS or d.cause is drift)
    return section.differences if full or not rest else rest


def facts(item: Difference, words: Words, base: str = "") -> tuple[str, ...]:
    """What is known about a difference beside its values and cause: who, mode, spec line.

    `base` is put before the names of files.
    """
    found = []
    if item.cause is Cause.DRIFT:
        if item.who:
            found.append(words("text.by", who=_writer(item.who, words)))
        found += policy(item, words)
    if item.manual:
        found.append(words("text.manual"))
    if item.position:
        key = "fact.asked" if item.wanted is not None else "text.belongs"
        found.append(words(key, position=item.position.below(base)))
    return tuple(found)


def policy(item: Difference, words: Words) -> tuple[str, ...]:
    """Why drift is left as it is: by its mode, or because gitopsd never touches such a thing."""
    if item.cause is Cause.CHANGE or item.mode == "Correct":
        return ()
    decide = item.outlook is not None and item.outlook.action is Action.DECIDE
    never = item.mode == "Report" and not item.manual and (item.theirs or decide)
    return (words("text.never" if never else f"text.mode.{item.mode}"),)


def _writer(who: Attribution, words: Words) -> str:
    """`kubectl-edit (Update) at 2027-01-30T12:04:05Z`."""
    name = words("fact.who-value", manager=who.manager, operation=who.operation)
    return words("text.at", who=name, time=who.time) if who.time else name


def headline(page: Page, words: Words) -> str:
    """The worst that is true of a target, in one line."""
    assessment = page.assessment
    total = len(assessment.verdicts)
    for state in (State.DRIFTED, State.UNKNOWN, State.CHANGED):
        if number := assessment.count(state):
            return words(f"page.{state}", number=number, total=total)
    if assessment.gaps:
        return words("page.partly" if total else "page.blind")
    return words("page.fine", total=total) if total else words("page.empty")


def reasons(section: Section, words: Words) -> tuple[str, ...]:
    """What kind of trouble it is, each kind once."""
    keys = [f"reason.{report.reason}" for report in section.reports]
    if section.changes:
        keys.append("cause.change")
    if section.state is State.UNKNOWN:
        keys.append("cause.unknown")
    return tuple(words(key) for key in dict.fromkeys(keys))


def title(section: Section, words: Words) -> str:
    """What a section is about."""
    if section.subject:
        return str(section.subject)
    rows = [row for report in section.reports for row in report.rows]
    subjects = len({row.subject for row in rows})
    return words("section.many", number=len(rows), subjects=subjects)


def blind_to(page: Page, words: Words) -> str:
    """What this look could not find, kinds of trouble first; "" when it looked for all."""
    kinds = [words(f"reason.{reason}") for reason in sorted(page.assessment.blind)]
    if page.assessment.unheard:
        kinds.append(clean(words.quoted(page.assessment.unheard)) + words("stop").rstrip())
    return words("space").join((words("page.blind-to"), *kinds)) if kinds else ""


def waits(section: Section, words: Words) -> tuple[str, ...]:
    """What a controller or the cloud has not done yet, and since when nobody could look."""
    told = [
        words(f"waiting.{item.what}", resource=str(item.resource), detail=clean(item.detail))
        for item in section.waiting
    ]
    if section.state is State.UNKNOWN and section.reports:
        time = max(report.last_seen for report in section.reports)
        told += [words("section.stale", time=when(time))] if time else []
    return tuple(told)


def state_of_section(section: Section, words: Words) -> str:
    """Its verdict, or that everybody has still to catch up with it."""
    return words(f"state.{standing(section)}")


def ended(item: Difference, words: Words, base: str = "") -> str:
    """When an exception of the drift policy ran out, why it was there, and where it stands."""
    text = words("ended.on", until=when(str(item.found)))
    place = words("ended.at", position=item.position.below(base)) if item.position else ""
    return words("semicolon").join(part for part in (text, note_of(item, words), place) if part)


def ended_name(item: Difference, words: Words) -> str:
    """What the exception is about: the path as it was written, or the whole."""
    return item.path or words("ended.whole")


def says_values(item: Difference) -> bool:
    """Whether `note_of` says what stands in the values: they need not be shown beside it."""
    if item.reason is Reason.EXPIRED:
        return True
    texts = [side for side in (item.wanted, item.found) if _is_text(side)]
    return ACTIONS in item.path and len(texts) == 2 and None not in map(weights_in, texts)


def note_of(item: Difference, words: Words) -> str:
    """What the values mean: of a forward action the weights that moved, in the way they did.

    An exception that has run out is about a path, and its texts are no values of that path.
    """
    if item.reason is Reason.EXPIRED:
        return item.note  # the reason that a person gave for it
    if ACTIONS not in item.path:
        return words.quoted(item.note)
    if not all(_is_text(s) for s in (item.wanted, item.found)):
        return words.quoted(item.note)
    wanted, found = weights_in(item.wanted), weights_in(item.found)
    if wanted is None or found is None:
        before = found if item.cause is Cause.CHANGE else wanted
        still = None not in (item.wanted, item.found)
        return words("note.no-forward") if still and before is not None else ""
    gone = [name for name in wanted if name.startswith("<")]
    if gone and item.cause is Cause.DRIFT:
        return words("note.dangling", groups=words.list(gone))
    before, after = (found, wanted) if item.cause is Cause.CHANGE else (wanted, found)
    none = words("value.absent")
    return words.list(
        words("note.weight", name=n, before=before.get(n, none), after=after.get(n, none))
        for n in dict.fromkeys((*before, *after))
        if before.get(n) != after.get(n)
    )


def _is_text(side: object) -> bool:
    return side is None or isinstance(side, str)


def writer(item: Difference, words: Words) -> str:
    """Who wrote a drifted field; where nothing tells, who could."""
    if item.who:
        return _writer(replace(item.who, time=when(item.who.time)), words)
    return words("fact.who-unknown" if item.resource.kind == SERVER_GROUP else "fact.who-object")


def writers(section: Section, words: Words) -> dict[tuple[Identity, str, Reason], str]:
    """By resource, path and reason, who wrote what drifted; what nobody wrote is not in it."""
    return {
        (item.resource, item.path, item.reason): writer(item, words)
        for item in section.differences
        if item.cause is Cause.DRIFT and item.reason not in _UNWRITTEN
    }


def when(time: str) -> str:
    """`2026-11-22 09:30 UTC` of an RFC 3339 time in UTC; any other text as it is."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(\.\d+)?)?(Z|\+00:00)", time)
    return f"{match[1]} {match[2]} UTC" if match else time


def advice(section: Section, page: Page, words: Words) -> dict[str, list[str]]:
    """What a person can do: why one would, and the commands to type, if there are any."""
    found: dict[str, list[str]] = {}
    for remedy in section.remedies:
        found.setdefault(words(f"remedy.{remedy.kind}"), []).append(remedy.command)
    if section.changes:
        where = scope(page.assessment.target, page.again)
        found[words("remedy.plan")] = [f"gitopsd plan {where}"]
        outlooks = [item.outlook for item in section.changes if item.outlook]
        if held := dict.fromkeys(approval(o, where) for o in outlooks if o.approve):
            found.setdefault(words("remedy.approve"), []).extend(held)
        if not all(outlook.hold for outlook in outlooks) or not outlooks:
            told = {command for commands in found.values() for command in commands}
            if (command := apply_now(where)) not in told:
                found[words("remedy.apply")] = [command]
    return {why: [command for command in commands if command] for why, commands in found.items()}


def fact_rows(section: Section, words: Words) -> list[tuple[str, str]]:
    """What is known of a section beside its values, by name: since when, who, who fights."""
    rows = since_rows(section, words)
    names = set(writers(section, words).values())
    if len(names) == 1:  # of several each field says its own
        rows.append((words("fact.who"), names.pop()))
    return [*rows, *fight_rows(section, words)]


def fight_rows(section: Section, words: Words) -> list[tuple[str, str]]:
    """Who overwrites whom, at which fields, and whether it is put right for now."""
    rows = []
    for report in section.reports:
        if report.fighters:
            fields = [path or words("table.whole") for path in report.fought]
            if more := len(fields[_FOUGHT:]):
                fields[_FOUGHT:] = [words("will.more", number=more)]
            managers = words.list(report.fighters)
            told = [words("fact.fight", managers=managers, fields=words.list(fields))]
            if report.calm_since:
                told.append(words("fact.calm", time=when(report.calm_since)))
            rows.append((words("fact.note"), words("semicolon").join(told)))
    return rows


def since_rows(section: Section, words: Words) -> list[tuple[str, str]]:
    """Since when a finding is known; nothing where no time is on record."""
    since = _since(section, words)
    return [(words("fact.since"), since)] if since else []


def _since(section: Section, words: Words) -> str:
    """When the first of its reports was opened; "" where none is kept."""
    opened = [report for report in section.reports if report.opened_at]
    if not opened:
        return ""
    first = min(opened, key=lambda report: report.opened_at)
    told = [when(first.opened_at)]
    if first.escalated_at:
        told.append(words("fact.escalated", time=when(first.escalated_at)))
    if again := sum(report.reopened for report in opened):
        told.append(words("fact.reopened" if again > 1 else "fact.reopened-once", number=again))
    return words.list(told)

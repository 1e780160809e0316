"""What to send a sink now: from the reports as they stand, what was said, and the time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gitopsd.alerts.bare import bare
from gitopsd.alerts.composing import EVIDENCE, item_of, lines_of
from gitopsd.alerts.digests import digest_lines, digest_title, state_title
from gitopsd.alerts.folding import folded
from gitopsd.alerts.memory import Attempt, Memory, Said
from gitopsd.alerts.news import Tiding, said_after, tiding_of
from gitopsd.alerts.pacing import Sent, allowed_at, gathered_at, is_urgent, patient_at
from gitopsd.alerts.parcels import Entry, Parcel, bare_key
from gitopsd.alerts.rules import Pacing, Rules, Style
from gitopsd.alerts.scene import Scene
from gitopsd.alerts.severity import severity_of
from gitopsd.drift.policy import moment_of, since, text_of
from gitopsd.drift.render import Words
from gitopsd.model.digest import digest
from gitopsd.model.message import Item, Line, Message, News, Severity
from gitopsd.model.report import DriftReport

#: What a state sink was told of a target as a whole is remembered under this name.
WHOLE = "*"
#: What is over is part of a target's state for so long.
_LATELY = timedelta(hours=1)
#: Evidence in something that is edited in place, where there is room.
_FULL = 20


@dataclass(frozen=True, slots=True)
class Decision:
    """What to send now, in this order, and when to decide anew if nothing happens before."""

    parcels: tuple[Parcel, ...] = ()
    again: datetime | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class _Candidate:
    """News of one conversation; `again` is the message by which it is told again, and `doubts` are
    what else may be all that was heard: what had been said before a message that got no answer.
    """

    scene: Scene
    report: DriftReport
    tiding: Tiding
    said: Said | None
    body: str = ""
    again: Attempt | None = None
    doubts: tuple[Said | None, ...] = ()

    @property
    def key(self) -> str:
        """Of the message by which it is told again; "" for news that was never sent."""
        return self.again.key if self.again else ""

    @property
    def refused(self) -> bool:
        """Whether a service would not have it as it was."""
        return self.again is not None and not self.again.doubtful

    @property
    def told(self) -> DriftReport:
        """The report as it is told: what was refused is told without what others wrote."""
        return bare(self.report) if self.refused else self.report

    @property
    def news(self) -> News:
        return self.tiding.news

    @property
    def severity(self) -> Severity:
        return severity_of(self.report)

    @property
    def urgent(self) -> bool:
        heard = (self.said, *self.doubts)
        return any(is_urgent(self.news, self.severity, said) for said in heard)

    def gathered(self, pacing: Pacing) -> datetime:
        """Until when other news is waited for."""
        since, urgent = self.tiding.since, self.urgent
        return gathered_at(since, self.news, self.severity, pacing, urgent=urgent)

    def entry(self, at: str) -> Entry:
        said = said_after(self.news, self.report, self.said, at, self.body)
        return Entry(self.scene.place, self.report.fingerprint, said, self.news, self.said)


def decide(
    rules: Rules, scenes: Iterable[Scene], memories: Mapping[str, Memory], now: datetime
) -> Decision:
    """What a sink is to be sent now. `memories` are by the place of the scene."""
    taken = [scene for scene in scenes if rules.selection.takes(scene)]
    if rules.style is Style.STATE:
        return _state(rules, taken, memories, now)
    found = [c for scene in taken for c in _candidates(rules, scene, memories, now)]
    if rules.style is Style.THREAD:
        return _threads(rules, found, now)
    sent = {message for scene in taken for message in memories.get(scene.place, Memory()).sent}
    return _stream(rules, found, sorted(map(Sent.of, sent)), now)


def _candidates(
    rules: Rules, scene: Scene, memories: Mapping[str, Memory], now: datetime
) -> Iterator[_Candidate]:
    memory = memories.get(scene.place, Memory())
    said = memory.said
    told = {name for name, one in said.items() if one.open}
    reports = rules.selection.choose(scene.reports, told)
    words = Words(rules.language)
    if rules.style is Style.THREAD:
        least = rules.selection.severity
        reports = folded(scene, reports, said, rules.pacing.threads, least)
    for report in reports:
        body = _body(report, words, scene.named) if rules.style is Style.THREAD else ""
        before, again = said.get(report.fingerprint), memory.attempts.get(report.fingerprint)
        if again and (same := _same(report, again, before, now, rules, body)):
            yield _Candidate(scene, report, same, again.before, body, again)
        elif tiding := tiding_of(report, before, now, rules, body):
            doubts = (again.before,) if again and again.doubtful else ()
            yield _Candidate(scene, report, tiding, before, body, doubts=doubts)


def _same(
    report: DriftReport, again: Attempt, said: Said | None, now: datetime, rules: Rules, body: str
) -> Tiding | None:
    """What a message said, to be told again by it, as long as it is true and says it all.

    A fight, or what matters more by now, is news of its own: it waits for no repetition, goes to
    all, and under another key, for whoever has the message drops what has the same.
    """
    told = said if again.doubtful else again.said
    if told and tiding_of(report, told, now, rules, told.body):
        return None
    same = tiding_of(report, again.before, now, rules, body)
    if same is None or same.news is not again.news:
        return None
    return Tiding(same.news, max(same.since, moment_of(again.until)))


def _body(report: DriftReport, words: Words, named: str) -> str:
    told = lines_of(report, words, evidence=_FULL, named=named)
    lines = [(line.text, line.code) for line in told]
    return digest(lines)[:16]


# --- messages one behind the other ---------------------------------------------------------------


def _stream(
    rules: Rules, found: Sequence[_Candidate], sent: Sequence[Sent], now: datetime
) -> Decision:
    ripe = [c for c in found if c.tiding.since <= now]
    later = [c.tiding.since for c in found if c.tiding.since > now]
    fresh = [c for c in ripe if not c.again]
    urgent, rest = [c for c in fresh if c.urgent], [c for c in fresh if not c.urgent]
    keys = sorted({c.key for c in ripe if c.again})
    repeats = [[c for c in ripe if c.key == key] for key in keys]
    alarms = [group for group in repeats if any(c.urgent for c in group)]
    others = [group for group in repeats if group not in alarms]
    for group in (urgent, *alarms, rest, *others):
        if not group:
            continue
        allowed = _earliest(rules, group, sent, now)
        if allowed > now:
            later.append(allowed)
        else:
            messages = tuple(_tell(rules, group, sent, now))
            return Decision(messages, now, waiting=len(ripe))
    return Decision((), min(later, default=None), waiting=len(ripe))


def _earliest(
    rules: Rules, group: Sequence[_Candidate], sent: Sequence[Sent], now: datetime
) -> datetime:
    """When these may be told, all that is gathered by then together."""
    first = min(c.tiding.since for c in group)
    ready = min(c.gathered(rules.pacing) for c in group)
    urgent = all(c.urgent for c in group)
    if again := group[0].again:
        ready = first
        if urgent and again.doubtful and again.tries == 1:
            return first  # an alarm that nobody may have heard
    return max(ready, allowed_at(rules, sent, first, now, urgent=urgent))


def _tell(
    rules: Rules, group: Sequence[_Candidate], sent: Sequence[Sent], now: datetime
) -> Iterator[Parcel]:
    """One by one what is little enough; news that is alone always is, for it may be told now."""
    if group[0].again:  # the message that it was, as far as it is still true
        yield _single(rules, group[0], now) if len(group) == 1 else _digest(rules, group, now)
        return
    number, times = len(group), [one.time for one in sent]
    few = number <= rules.pacing.singles and not any(_held(rules, c, now) for c in group)
    if number == 1 or (few and patient_at(times, now, rules.pacing, number) <= now):
        ordered = sorted(group, key=lambda c: (-c.severity, c.tiding.since, c.report.fingerprint))
        yield from (_single(rules, c, now) for c in ordered)
    else:
        yield _digest(rules, group, now)


def _held(rules: Rules, one: _Candidate, now: datetime) -> bool:
    """Whether it could have been told before, but for quiet hours or the times of digests."""
    if one.urgent:
        return False
    ready = one.gathered(rules.pacing)
    quiet = rules.quiet is not None and rules.quiet.until(ready) is not None and ready < now
    return quiet or rules.pacing.digest_every is not None


def _single(rules: Rules, one: _Candidate, now: datetime) -> Parcel:
    words, at = Words(rules.language), text_of(now)
    entry = one.entry(at)
    full = _FULL if rules.style is Style.THREAD else None
    lines = lines_of(
        one.told,
        words,
        evidence=full or EVIDENCE,
        named=one.scene.named,
        holds=not one.refused,
    )
    message = _message(rules, [item_of(one.news, one.told, words)], lines, one.scene, entry)
    message = replace(message, key=one.key or message.key, have=_have([one]))
    return Parcel(message, (entry,), silent=one.news is News.UPDATED, urgent=one.urgent)


def _digest(rules: Rules, group: Sequence[_Candidate], now: datetime) -> Parcel:
    words, at = Words(rules.language), text_of(now)
    ordered = sorted(group, key=lambda c: (str(c.report.subject), c.report.fingerprint))
    items = [item_of(c.news, c.told, words) for c in ordered]
    entries = tuple(c.entry(at) for c in ordered)
    scenes = {c.scene.place: c.scene for c in ordered}
    only = next(iter(scenes.values())) if len(scenes) == 1 else None
    names = [[e.name, *_told(item, e.said)] for e, item in zip(entries, items, strict=True)]
    message = Message(
        ordered[0].key or digest(names)[:32],
        digest_title(items, words),
        tuple(digest_lines(items, scenes.values(), words)),
        max(item.severity for item in items),
        tuple(items),
        instance=only.instance if only else "",
        target=only.target if only else "",
        revision=only.revision if only else "",
        time=at,
        language=rules.language,
        have=_have(ordered),
    )
    return Parcel(message, entries, urgent=any(c.urgent for c in ordered))


def _have(group: Iterable[_Candidate]) -> tuple[str, ...]:
    return tuple(sorted({name for one in group if one.again for name in one.again.have}))


def _message(
    rules: Rules, items: list[Item], lines: Iterable[Line], scene: Scene, entry: Entry
) -> Message:
    item = items[0]
    return Message(
        digest([entry.name, *_told(item, entry.said)])[:32],
        item.title,
        tuple(lines),
        item.severity,
        tuple(items),
        conversation=entry.name,
        handle=entry.said.handle,
        ended=not entry.said.open,
        instance=scene.instance,
        target=scene.target,
        revision=scene.revision,
        time=entry.said.at,
        language=rules.language,
    )


def _told(item: Item, said: Said) -> list[str | int]:
    """What makes the same news the same: told again after a lost answer, it has the same key."""
    worse = [int(said.severity), int(said.fight), int(said.escalated)]
    return [str(item.news), item.report.opened_at, said.came_back, *worse, said.body]


# --- one thing for each conversation -------------------------------------------------------------


def _threads(rules: Rules, found: Sequence[_Candidate], now: datetime) -> Decision:
    due, later = [], []
    for one in found:
        ready = one.gathered(rules.pacing)
        if ready <= now:
            due.append(one)
        else:
            later.append(ready)
    ordered = sorted(due, key=lambda c: (-c.severity, c.tiding.since, c.report.fingerprint))
    again = now if due else min(later, default=None)
    return Decision(tuple(_single(rules, c, now) for c in ordered), again, len(due))


# --- the state of a target as a whole ------------------------------------------------------------


def _state(
    rules: Rules, scenes: Iterable[Scene], memories: Mapping[str, Memory], now: datetime
) -> Decision:
    parcels, later = [], []
    for scene in scenes:
        memory = memories.get(scene.place, Memory())
        said, attempt = memory.said.get(WHOLE), memory.attempts.get(WHOLE)
        items = _items(rules, scene, now)
        body = f"{scene.revision}:{digest([_shown(item) for item in items])[:16]}"
        due = _due(rules, said, body, now, going_on=any(i.report.open for i in items))
        if due is None:
            continue
        key = bare_key(_state_key(scene, body))
        refused = attempt if attempt and attempt.key == key else None
        due = max(due, moment_of(refused.until)) if refused else due
        if due > now:
            later.append(due)
        else:
            at = text_of(now)
            handle = said.handle if said else ""
            going_on = any(item.report.open for item in items)
            entry = Entry(scene.place, WHOLE, Said(going_on, at, handle=handle, body=body))
            parcels.append(
                Parcel(_whole(rules, scene, items, entry, refused), (entry,), silent=True)
            )
    again = now if parcels else min(later, default=None)
    return Decision(tuple(parcels), again, len(parcels))


def _items(rules: Rules, scene: Scene, now: datetime) -> list[Item]:
    words = Words(rules.language)
    return [
        item_of(News.OPENED if report.open else News.RESOLVED, report, words)
        for report in sorted(
            rules.selection.choose(scene.reports), key=lambda report: report.fingerprint
        )
        if (report.open and severity_of(report) >= rules.selection.severity)
        or (not report.open and since(report.resolved_at, now) <= _LATELY)
    ]


def _shown(item: Item) -> list[str | int]:
    report = item.report
    return [report.fingerprint, str(report.state), int(item.severity), report.summary]


def _due(
    rules: Rules, said: Said | None, body: str, now: datetime, *, going_on: bool
) -> datetime | None:
    """When the state is to be told; None for never as it stands. Bad news waits for no pace, nor
    does another revision, of which nothing has been said.
    """
    if said is None or not said.body or (going_on and not said.open):
        return now
    at, pacing = moment_of(said.at), rules.pacing
    if said.body.rpartition(":")[0] != body.rpartition(":")[0]:
        return now
    if said.body != body:
        return at + pacing.edit
    return at + pacing.resend if pacing.resend is not None and going_on else None


def _state_key(scene: Scene, body: str) -> str:
    return digest([scene.place, body])[:32]


def _whole(
    rules: Rules, scene: Scene, items: list[Item], entry: Entry, again: Attempt | None
) -> Message:
    words = Words(rules.language)
    if again:  # it was refused as it was
        items = [item_of(item.news, bare(item.report), words) for item in items]
    still = [item for item in items if item.report.open]
    return Message(
        again.key if again else _state_key(scene, entry.said.body),
        state_title(still, scene.target, words),
        tuple(digest_lines(still, [scene], words)) if still else (),
        max((item.severity for item in still), default=Severity.INFO),
        tuple(items),
        conversation=WHOLE,
        handle=entry.said.handle,
        ended=not still,
        instance=scene.instance,
        target=scene.target,
        revision=scene.revision,
        time=entry.said.at,
        language=rules.language,
    )

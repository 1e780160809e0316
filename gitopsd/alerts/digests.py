"""Several findings in one message: what to do comes first, and what needs somebody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from gitopsd.alerts.composing import REMEDIES, subject_of
from gitopsd.alerts.fights import managers_of
from gitopsd.alerts.scene import Scene
from gitopsd.alerts.severity import moved_of
from gitopsd.alerts.wording import say
from gitopsd.drift.remedies import remedies
from gitopsd.drift.render import Words
from gitopsd.drift.render.phrases import when
from gitopsd.model.approval import by_instance, scope
from gitopsd.model.message import Item, Line, News, Severity
from gitopsd.model.report import DriftReport, RemedyKind
from gitopsd.typography import clean

#: Lines of a digest, and things that are named of one fight.
DIGEST, _SUBJECTS = 12, 5
#: In this order findings are told: act now, decide, nothing to do.
_GROUPS = ("urgent", "open", "calm")


def digest_title(items: Sequence[Item], words: Words) -> str:
    """What to do about several findings at once, and about which of them first."""
    targets = words.list(sorted({item.report.target for item in items}))
    for group in _GROUPS:
        mine = _in_order(item for item in items if group_of(item) == group)
        if not mine:
            continue
        first, more = mine[0], len(mine) - 1
        if not more:
            return first.title
        about = subject_of(first.report, words)
        values: dict[str, str | int] = {"subject": about, "number": more, "targets": targets}
        if group == "urgent":
            part = words.percent(round(moved_of(first.report)))
            return say(words, "title.digest.critical", part=part, **values)
        if _is_one_of_a_fight(first):
            alone = all(_is_one_of_a_fight(i) and _rivals(i) == _rivals(first) for i in mine)
            key = "title.digest.fights" if alone else "title.digest.fight"
            return say(words, key, managers=managers_of(first.report, words), **values)
        return say(words, f"title.digest.{group}", **values)
    return ""


def state_title(still: Sequence[Item], target: str, words: Words) -> str:
    """What to do about a target as a whole."""
    groups = {group_of(item) for item in still}
    if "urgent" in groups:
        return digest_title(still, words)
    key = "open" if "open" in groups else "calm" if groups else "fine"
    return say(words, f"title.state.{key}", number=len(still), target=target)


def digest_lines(items: Sequence[Item], scenes: Collection[Scene], words: Words) -> Iterator[Line]:
    """What puts alarms right, else what is to be decided; a line for each of the first findings,
    those that need somebody before the others; at last where all of it is told.
    """
    room, left = DIGEST, 0
    groups = {name: _in_order(i for i in items if group_of(i) == name) for name in _GROUPS}
    pressing = groups["urgent"] or groups["open"]
    for scene in scenes:
        here = [one.report for one in pressing if _within(one.report, scene)]
        yield from _commands(here, scene.named, words)
    alike = sum(map(bool, groups.values())) == 1
    for group, mine in groups.items():
        if mine and room > 0 and not alike:
            yield Line(say(words, f"group.{group}", number=len(mine)))
        for number, line in _told(mine, words):
            if room > 0:
                yield line
                room -= 1
            else:
                left += number
    text = say(words, "line.left", number=left) if left else say(words, "line.more")
    for command in _looks(scenes):
        yield Line(text, command)
        text = ""


def _told(items: Sequence[Item], words: Words) -> Iterator[tuple[int, Line]]:
    """Lines, each with the number of findings that it is about: a fight that goes on over many
    things is one.
    """
    fights: dict[tuple[str, tuple[str, ...], bool], list[Item]] = {}
    for item in items:
        if _is_one_of_a_fight(item):
            fights.setdefault(_fight_of(item.report), []).append(item)
    for item in items:
        name = _fight_of(item.report)
        mine = fights.get(name, []) if _is_one_of_a_fight(item) else []
        if len(mine) < 2:
            yield 1, Line(_about(item, words), clean(item.summary))
        elif item is mine[0]:
            yield len(mine), _fought(mine, words)


def _fought(mine: Sequence[Item], words: Words) -> Line:
    """One fight, and what it is about."""
    report = mine[0].report
    subjects = list(dict.fromkeys(subject_of(item.report, words) for item in mine))
    told = subjects[:_SUBJECTS]
    if more := len(subjects) - len(told):
        told.append(words("will.more", number=more))
    managers = managers_of(report, words)
    key = "row.calm" if report.calm_since else "row.fight"
    return Line(say(words, key, managers=managers, target=report.target), words.list(told))


def _rivals(item: Item) -> tuple[str, tuple[str, ...]]:
    return item.report.target, item.report.fighters


def _fight_of(report: DriftReport) -> tuple[str, tuple[str, ...], bool]:
    return report.target, report.fighters, bool(report.calm_since)


def _is_one_of_a_fight(item: Item) -> bool:
    return bool(item.report.fighters) and item.report.open and group_of(item) == "open"


def _in_order(items: Iterable[Item]) -> list[Item]:
    """What matters most first: the largest share, then fights, last those put right for now."""

    def order(item: Item) -> tuple[float, bool, bool, str]:
        report = item.report
        share = moved_of(report) if group_of(item) == "urgent" else 0.0
        fought = _is_one_of_a_fight(item)
        return -share, not fought, bool(report.calm_since), str(report.subject)

    return sorted(items, key=order)


def _within(report: DriftReport, scene: Scene) -> bool:
    return (report.instance, report.target) == (scene.instance, scene.target)


def _commands(reports: Iterable[DriftReport], named: str, words: Words) -> Iterator[Line]:
    """What puts these right, each command once."""
    found = (remedy for report in reports for remedy in remedies(report, by_instance(named)))
    kinds = (RemedyKind.END_FIGHT, RemedyKind.CORRECT, RemedyKind.APPROVE)
    for remedy in list(dict.fromkeys(one for one in found if one.kind in kinds))[:REMEDIES]:
        yield Line(words(f"remedy.{remedy.kind}"), remedy.command)


def _about(item: Item, words: Words) -> str:
    """What a row of a digest is about; of an alarm, how much and since when."""
    report = item.report
    about = str(report.subject) if report.subject else item.title
    if group_of(item) == "open":
        return f"{about} @ {report.target}:"
    if group_of(item) == "calm":
        how = words(f"resolution.{report.resolution}") if report.resolution else ""
        became = say(words, "row.will") if report.open else say(words, "row.over", how=how)
        return f"{about} @ {report.target}{became}"
    values = {"part": words.percent(round(moved_of(report))), "time": when(report.opened_at)}
    return f"{about} @ {report.target}{say(words, 'row.urgent', **values)}"


def _looks(scenes: Iterable[Scene]) -> Iterator[str]:
    """The commands that tell all of these targets, one for each instance."""
    targets: dict[str, set[str]] = {}
    for scene in scenes:
        targets.setdefault(scene.named, set()).add(scene.target)
    for named, mine in sorted(targets.items()):
        again = by_instance(named)
        options = scope(mine.pop(), again) if len(mine) == 1 else again
        yield f"gitopsd drift {options}".rstrip()


def group_of(item: Item) -> str:
    """Whether a person has to act now, has to decide, or need do nothing."""
    if item.news in (News.RESOLVED, News.CORRECTED) or item.severity is Severity.INFO:
        return "calm"
    return "urgent" if item.severity is Severity.CRITICAL else "open"

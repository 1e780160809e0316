"""Placing, listing and lifting holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from gitopsd.cli.failures import Refusal
from gitopsd.cli.options import Call
from gitopsd.cli.outputs import envelope, to_json
from gitopsd.cli.reading import Reading, read_targets
from gitopsd.cli.subjects import subject_named, subjects_of
from gitopsd.cli.targets import Failure, Sight, look, moment
from gitopsd.diff import compare_target
from gitopsd.diff.modes import ended
from gitopsd.diff.places import meant, near_places, place_in, places_of
from gitopsd.model.comparison import Comparison
from gitopsd.model.drifthold import LONGEST, MOST, DriftHold, Holds, holds_in
from gitopsd.model.identity import Identity
from gitopsd.model.moments import end_of
from gitopsd.typography import clean, hang

#: What is to stay for longer belongs into Git, where others see it.
_LONGEST_HOLD = timedelta(days=31)
_SPAN = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,4})m)?")
_FORMS = "say a time with its zone (2027-01-31T18:00:00Z), a day (2027-01-31) or a span (2h, 3d)"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for, as it was typed."""

    place: str
    until: str
    reason: str


def place_hold(call: Call, name: str, wish: Wish, form: str) -> int:
    """Put a hold on the record of the one target that has the thing."""
    now = moment()
    until = until_of(wish.until, now)
    for what, text in (("--path", wish.place), ("--reason", wish.reason)):
        if len(text) > LONGEST:
            raise Refusal(f"{what} has {len(text)} characters", f"at most {LONGEST} are kept")
    subject, seen = _one(call, name)
    path = _path(seen, subject, wish.place, now)
    since = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    hold = DriftHold(subject, path, until, wish.reason, since)
    there = _holds(seen)
    if hold.key not in {other.key for other in there.readable} and len(there.readable) >= MOST:
        raise Refusal(
            f"{MOST} things are held at {seen.owner.target} already",
            "lift some with gitopsd drift hold --release, or let Git say what should stay",
        )
    _write(seen, hold.key, hold.text)
    _tell(call, form, "held", [(seen.owner.target, hold)])
    return 0


def release_holds(call: Call, name: str, place: str | None, form: str) -> int:
    """Take holds of a thing off the record."""
    subject, seen = _one(call, name)
    held = [hold for hold in _holds(seen).readable if hold.subject == subject]
    asked = () if place is None else (place, meant(_compared(seen, moment()), subject, place))
    chosen = [hold for hold in held if place is None or set(asked) & set(_spellings(hold))]
    if not chosen:
        paths = ", ".join(hold.path for hold in held)
        place = f" at {place}" if place else ""
        raise Refusal(
            f"{subject} is not held{place} at {seen.owner.target}",
            f"it is held at: {paths}" if held else "gitopsd drift hold --list says what is",
        )
    for hold in chosen:
        _write(seen, hold.key, None)
    _tell(call, form, "released", [(seen.owner.target, hold) for hold in chosen])
    return 0


def list_holds(call: Call, form: str) -> int:
    """Print the holds of all chosen targets, those that are over included."""
    found: list[tuple[str, DriftHold]] = []
    for seen in _sights(call, read_targets(call)):
        holds = _holds(seen)
        found += [(seen.owner.target, hold) for hold in holds.readable]
        for key in holds.unreadable:
            call.terminal.warn(f"{seen.owner.target}: the annotation {clean(key)} is no hold")
    if not found and form == "text":
        call.terminal.say("nothing is held")
    _tell(call, form, "", found)
    return 0


def until_of(text: str, now: datetime) -> str:
    """The end of a hold, as an ISO date or an RFC 3339 time in UTC; raises Refusal."""
    end = ending(text, now)
    if end_of(end) - now > _LONGEST_HOLD + timedelta(days=1):
        raise Refusal(
            f"--until: {end} is more than {_LONGEST_HOLD.days} days away",
            "what should stay belongs into Git: drift.ignore of the spec",
        )
    return end


def ending(text: str, now: datetime) -> str:
    """What --until says, as an ISO date or an RFC 3339 time in UTC; raises Refusal."""
    span = _SPAN.fullmatch(text)
    if text and span:
        days, hours, minutes = (int(number or 0) for number in span.groups())
        end = now + timedelta(days=days, hours=hours, minutes=minutes)
        text = end.strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        end = end_of(text)
    except ValueError as error:
        raise Refusal(f"--until: {clean(text)!r} is no time", _FORMS) from error
    if end <= now:
        raise Refusal(f"--until: {text} is over already", _FORMS)
    return text if "T" not in text else end.strftime("%Y-%m-%dT%H:%M:%SZ")


def _one(call: Call, name: str) -> tuple[Identity, Sight]:
    """The thing that a name means and the target where it is; raises Refusal."""
    reading = read_targets(call)
    subject = subject_named(reading.state.targets, name)
    targets = {
        target: desired
        for target, desired in reading.state.targets.items()
        if subject in subjects_of(desired)
    }
    if len(targets) > 1:
        raise Refusal(f"{subject} is at {', '.join(sorted(targets))}", "choose one with --target")
    (seen,) = _sights(call, reading.at(targets))
    if seen.observed.record is None:
        raise Refusal(
            f"{seen.owner.target} has no record yet, so there is nothing to put a hold on",
            "a hold is about what was applied: apply once",
        )
    return subject, seen


def _sights(call: Call, reading: Reading) -> Iterator[Sight]:
    with call.terminal.progress() as progress:
        for seen in look(call, reading, progress, write=True, leased=False):
            if isinstance(seen, Failure):
                raise seen.error
            yield seen


def _holds(seen: Sight) -> Holds:
    record = seen.observed.record
    return holds_in(record.annotations) if record else Holds()


def _path(seen: Sight, subject: Identity, text: str, now: datetime) -> str:
    """The path that is meant, with its kind; raises Refusal for one that leads nowhere."""
    comparison = _compared(seen, now)
    places = places_of(comparison, subject)
    path = place_in(places, meant(comparison, subject, text))
    if path is not None:
        return path
    kinds = sorted({place.partition("/")[0] for place in places})
    near = near_places(places, text)
    raise Refusal(
        f"{clean(text)} leads to nothing that {subject} makes, nor to anything that differs there",
        f"for example: {', '.join(near)}" if near else f"paths start with {'/, '.join(kinds)}/",
    )


def _compared(seen: Sight, now: datetime) -> Comparison:
    return compare_target(seen.desired, seen.observed, seen.owner, today=now)


def _spellings(hold: DriftHold) -> tuple[str, str]:
    return hold.path, hold.path.partition("/")[2]


def _write(seen: Sight, key: str, text: str | None) -> None:
    record, writer = seen.observed.record, seen.site.cluster_writer
    if record is not None and writer is not None:
        writer.write_request(seen.owner, key, record.annotations.get(key), text)


def _tell(call: Call, form: str, done: str, holds: list[tuple[str, DriftHold]]) -> None:
    terminal, now = call.terminal, moment()
    if form == "json":
        told = [{"target": target, **hold.to_json()} for target, hold in holds]
        terminal.out(to_json(envelope("Holds", {"done": done, "holds": told})))
        return
    for target, hold in holds:
        end = "has ended: until" if ended(hold.span, now) else "until"
        text = f"{hold.path} of {hold.subject} at {target} {end} {hold.until}: {hold.reason}"
        first = f"{done}: " if done else ""
        terminal.out("\n".join(hang(first, clean(text), terminal.width)))

"""What is sent, and what is remembered once it was told, was refused, or got no answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gitopsd.alerts.memory import Attempt, Memory, Said
from gitopsd.alerts.pacing import URGENT
from gitopsd.drift.policy import text_of
from gitopsd.model.digest import digest
from gitopsd.model.message import Message, News

#: How long it takes until a message without an answer is told again; after that it counts as told.
_UNANSWERED = (timedelta(minutes=1), timedelta(minutes=30))
#: The same for one that is refused for its content: doubled each time, from the first to the last.
_REFUSED, _REFUSED_LONGEST = timedelta(minutes=1), timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Entry:
    """What will be remembered of one conversation when its message has been sent.

    `news` is what is said, and `before` what was said before.
    """

    place: str
    name: str
    said: Said
    news: News = News.UPDATED
    before: Said | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message to send, and what to remember then. `silent` is what notifies nobody, `urgent` what
    broke through, or could have.
    """

    message: Message
    entries: tuple[Entry, ...]
    silent: bool = False
    urgent: bool = False


def recorded(parcel: Parcel, place: str, memory: Memory, handle: str = "") -> Memory:
    """The memory of a place after a message was sent; `handle` is what the sink answered."""
    memory = replace(memory, attempts=_others(parcel, memory))
    mine = [entry for entry in parcel.entries if entry.place == place]
    if not mine:
        return memory
    said = {
        entry.name: replace(entry.said, handle=handle) if handle else entry.said for entry in mine
    }
    message = f"{mine[0].said.at} {parcel.message.key[:8]}"
    message += f" {URGENT}" if parcel.urgent else ""
    return memory.with_said(said, None if parcel.silent else message)


def unanswered(
    parcel: Parcel, place: str, memory: Memory, now: datetime, have: tuple[str, ...] = ()
) -> Memory:
    """The memory of a place after a message that may have arrived or not; some `have` it surely.

    It counts as told, so that nothing is composed anew out of it, and it is told again under the
    same key: twice, as long as it is true. Whoever takes messages and never says so gets each of
    them three times, and no more.
    """
    tries = _tries(parcel, memory)
    after = recorded(parcel, place, memory)
    if tries > len(_UNANSWERED):
        return after
    until = text_of(now + _UNANSWERED[tries - 1])
    known = tuple(sorted({*parcel.message.have, *have}))
    again = Attempt(parcel.message.key, News.UPDATED, tries, until, have=known)
    return _awaiting(parcel, place, memory, after, again, {})


def refused(parcel: Parcel, place: str, memory: Memory, now: datetime) -> Memory:
    """The memory of a place after a message was refused for its content.

    It is not told, and stays news; it is only put off, later and later, so that it stands in
    nobody's way. What looks like content may be the service's settings, which somebody mends. The
    next delivery is without what others wrote (`bare`); if that is refused too, one about several
    is halved, at once and until what is refused stands alone and the rest is told.
    """
    tries = _tries(parcel, memory)
    key, pause = parcel.message.key, min(_REFUSED_LONGEST, _REFUSED * 2 ** min(tries - 1, 16))
    keys: Mapping[str, str] = {}
    until = now + pause
    if tries == 1:
        key = bare_key(key)
    elif len(parcel.entries) > 1:
        tries, until, keys = 2, now, _halves(parcel, place)
    again = Attempt(key, News.UPDATED, tries, text_of(until), doubtful=False)
    return _awaiting(parcel, place, memory, memory, again, keys)


def _halves(parcel: Parcel, place: str) -> dict[str, str]:
    """The keys of two messages that are told instead of one, the same at each place."""
    first, second = (_another(parcel.message.key, part) for part in ("first", "second"))
    middle = len(parcel.entries) // 2
    return {
        entry.name: first if number < middle else second
        for number, entry in enumerate(parcel.entries)
        if entry.place == place
    }


def bare_key(key: str) -> str:
    """The key of a message that is told without what others wrote."""
    return _another(key, "bare")


def _another(key: str, part: str) -> str:
    """The key of what is another message out of the same news."""
    return digest([key, part])[:32]


def _tries(parcel: Parcel, memory: Memory) -> int:
    """The how manieth delivery of that message this was."""
    key = parcel.message.key
    return 1 + max((one.tries for one in memory.attempts.values() if one.key == key), default=0)


def _others(parcel: Parcel, memory: Memory) -> dict[str, Attempt]:
    """What awaits another message."""
    key = parcel.message.key
    return {name: one for name, one in memory.attempts.items() if one.key != key}


def _awaiting(
    parcel: Parcel,
    place: str,
    before: Memory,
    after: Memory,
    again: Attempt,
    keys: Mapping[str, str],
) -> Memory:
    """`after`, with what awaits the message again, as `again` says: what it was about now, and what
    it had been about before and is not at present. `keys` are of what awaits another message.
    """
    key = parcel.message.key
    attempts = {
        name: replace(again, news=one.news, before=one.before, said=one.said)
        if one.key == key
        else one
        for name, one in before.attempts.items()
    }
    for entry in parcel.entries:
        if entry.place == place:
            attempts[entry.name] = replace(
                again,
                key=keys.get(entry.name, again.key),
                news=entry.news,
                before=entry.before,
                said=None if again.doubtful else entry.said,
            )
    return replace(after, attempts=attempts)

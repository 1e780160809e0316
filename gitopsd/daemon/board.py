"""What is wrong at the moment, in a line for each thing: for people who ask how it goes."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from gitopsd.model.approval import stamp

#: Subjects that are no repository's and no target's.
CLOCK, SETTINGS = "clock", "settings"
#: How the subject of a sink begins.
SINK = "sink "


def documents(repository: str) -> str:
    """The subject of what is wrong with a repository's documents."""
    return f"{repository} documents"


def concerning(repository: str) -> tuple[str, ...]:
    """The subjects beside the passes that concern every target of a repository."""
    return repository, documents(repository), CLOCK, SETTINGS


#: What differs each time in the words of others about one and the same trouble: how long something
#: took or is to take, and where something lay in memory.
_VARYING = re.compile(r"\b\d[\d.,]* ?(?:ms|s|secs?|seconds?|m|min|minutes?|h|hours?)\b|0x[0-9a-f]+")


def _now() -> str:
    return stamp(datetime.now(UTC))


class Board:
    """One line for each subject that has trouble. Safe between threads.

    `news` is told of each subject whose line has become another. A line that differs only in how
    long something took is the same one: it stays as it was told first.
    """

    def __init__(
        self, news: Callable[[str], None] = lambda _: None, *, now: Callable[[], str] = _now
    ) -> None:
        self._news = news
        self._now = now
        self._lock = threading.Lock()
        self._lines: dict[str, str] = {}
        self._since: dict[str, str] = {}

    def tell(self, subject: str, line: str) -> bool:
        """Say what is wrong with a subject, "" for nothing; whether that is news."""
        with self._lock:
            before = self._lines.get(subject, "")
            news = _told(line) != _told(before)
            if not line:
                self._lines.pop(subject, None)
                self._since.pop(subject, None)
            elif news:
                self._lines[subject] = line
                self._since[subject] = self._now()
        if news:
            self._news(subject)
        return news

    def around(self, repository: str) -> str:
        """What is wrong beside the passes at the targets of a repository; "" when nothing is."""
        lines = self.lines
        return "; ".join(lines[s] for s in concerning(repository) if s in lines)

    @property
    def lines(self) -> dict[str, str]:
        """All lines by their subject, sorted."""
        with self._lock:
            return dict(sorted(self._lines.items()))

    @property
    def since(self) -> dict[str, str]:
        """When each line was told first, by subject, sorted; RFC 3339 in UTC."""
        with self._lock:
            return dict(sorted(self._since.items()))


def _told(line: str) -> str:
    """What a line tells that is worth telling again when it is another."""
    return _VARYING.sub("", line)


class Voice:
    """Tells of one subject on a board, and of what is below it, from `begin` to `end`.

    What is said after the end counts for nothing, and nothing that was said is left: the next word
    is another's, who does the work now. Safe between threads.
    """

    def __init__(self, board: Board, subject: str) -> None:
        self._board = board
        self._subject = subject
        self._lock = threading.Lock()
        self._ours = False
        self._told: set[str] = set()

    def begin(self) -> None:
        """It is ours to tell."""
        with self._lock:
            self._ours = True

    def end(self) -> None:
        """It is ours no longer."""
        with self._lock:
            self._ours = False
            told, self._told = self._told, set()
            for subject in told:
                self._board.tell(subject, "")

    def tell(self, line: str, about: str = "") -> None:
        """Say what is wrong with the subject, or with a thing `about` it; "" for nothing."""
        with self._lock:
            if self._ours:
                self._told.add(self._named(about))
                self._board.tell(self._named(about), line)

    def said(self, about: str) -> str:
        """What is wrong with a thing `about` the subject, as it was told last."""
        return self._board.lines.get(self._named(about), "")

    def _named(self, about: str) -> str:
        return f"{self._subject} {about}" if about else self._subject

"""What is wrong at the moment, in a line for each thing: for people who ask how it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable

#: Subjects that are no repository's and no target's.
CLOCK, SETTINGS = "clock", "settings"
#: How the subject of a sink begins.
SINK = "sink "


class Board:
    """One line for each subject that has trouble. Safe between threads.

    `news` is told of each subject whose line has become another.
    """

    def __init__(self, news: Callable[[str], None] = lambda _: None) -> None:
        self._news = news
        self._lock = threading.Lock()
        self._lines: dict[str, str] = {}

    def tell(self, subject: str, line: str) -> bool:
        """Say what is wrong with a subject, "" for nothing; whether that is news."""
        with self._lock:
            before = self._lines.get(subject, "")
            if line:
                self._lines[subject] = line
            else:
                self._lines.pop(subject, None)
        if line != before:
            self._news(subject)
        return line != before

    def around(self, repository: str) -> str:
        """What is wrong beside the passes at the targets of a repository; "" when nothing is."""
        lines = self.lines
        return "; ".join(lines[s] for s in (repository, CLOCK, SETTINGS) if s in lines)

    @property
    def lines(self) -> dict[str, str]:
        """All lines by their subject, sorted."""
        with self._lock:
            return dict(sorted(self._lines.items()))

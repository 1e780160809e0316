"""What is wrong at the moment, in a line for each thing: for people who ask how it goes."""

from __future__ import annotations

import threading


class Board:
    """One line for each subject that has trouble. Safe between threads."""

    def __init__(self) -> None:
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
            return line != before

    @property
    def lines(self) -> dict[str, str]:
        """All lines by their subject, sorted."""
        with self._lock:
            return dict(sorted(self._lines.items()))

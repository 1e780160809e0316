"""Where something was written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file of the config repository; `file` is relative to its root.

    `line` and `column` count from 1, as editors do. Line 0 means the file as a whole.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def below(self, base: str) -> str:
        """Where to open it: the file below `base`, the folder that was given; "" for none."""
        return f"{base.rstrip('/')}/{self}" if base else str(self)

    @classmethod
    def parse(cls, text: str) -> Position:
        """Read back what `str` wrote."""
        file, *numbers = text.rsplit(":", 2)
        if len(numbers) == 2 and all(number.isdecimal() for number in numbers):
            return cls(file, *map(int, numbers))
        return cls(text)

"""Problems as people read them: file, line and column first, so that editors can jump there."""

from __future__ import annotations

import os
from collections.abc import Sequence

from gitopsd.config import SourceSettings
from gitopsd.model.problem import Problem
from gitopsd.typography import Meaning, Palette, clean, count, wrap


def problem_lines(
    problems: Sequence[Problem], palette: Palette, width: int, *, base: str = ""
) -> list[str]:
    """The problems in the order of their places; `base` is put before each file's name."""
    lines: list[str] = []
    for problem in sorted(problems, key=Problem.sort_key):
        place = str(problem.position) if problem.position else ""
        where = clean(os.path.join(base, place) if base and place else place)  # noqa: PTH118
        meaning = Meaning.ERROR if problem.is_error else Meaning.WARNING
        label = palette.paint(f"{problem.severity} {problem.id}", meaning)
        target = f" (target {problem.target})" if problem.target else ""
        head = palette.paint(where, Meaning.STRONG)
        lines.append(f"{head}{': ' if where else ''}{label}: {clean(problem.what + target)}")
        for name, text in (("why ", problem.why), ("mend", problem.mend)):
            if text:
                first, *rest = wrap(f"{name}  {text}", "    ", width)
                lines += [first, *(f"      {line}" for line in rest)]
    return lines


def tally(problems: Sequence[Problem]) -> str:
    """`2 errors, 1 warning`; `no problems` when there is none."""
    errors = sum(problem.is_error for problem in problems)
    parts = [
        count(number, word)
        for number, word in ((errors, "error"), (len(problems) - errors, "warning"))
        if number
    ]
    return ", ".join(parts) or "no problems"


def base_of(source: SourceSettings) -> str:
    """What to put before file names so that they can be opened: the folder given, if any."""
    return "" if source.repo or source.path == "." else source.path

"""Problems as people read them: file, line and column first, so that editors can jump there."""

from __future__ import annotations

import os
from collections.abc import Sequence

from gitopsd.config import SourceSettings
from gitopsd.model.problem import Problem
from gitopsd.typography import Meaning, Palette, clean, count, hang

_INDENT = "    "


def problem_lines(
    problems: Sequence[Problem],
    palette: Palette,
    width: int | None,
    *,
    base: str = "",
    brief: bool = False,
) -> list[str]:
    """The problems in the order of their places; `base` is put before each file's name.

    Lines are broken at `width` columns, or with None not at all: who searches a log finds place,
    id and sentence on one line. With `brief` warnings are told without why and mend, for commands
    that are not about them.
    """
    lines: list[str] = []
    for problem in sorted(problems, key=Problem.sort_key):
        lines += _head(problem, palette, width, base)
        if brief and not problem.is_error:
            continue
        for name, text in (("why ", problem.why), ("mend", problem.mend)):
            if text:
                lines += hang(f"{_INDENT}{name}  ", text, width)
    return lines


def _head(problem: Problem, palette: Palette, width: int | None, base: str) -> list[str]:
    """Place, severity, id and what is wrong; what does not fit goes on below."""
    place = str(problem.position) if problem.position else ""
    where = clean(os.path.join(base, place) if base and place else place)  # noqa: PTH118
    label = f"{problem.severity} {problem.id}:"
    start = f"{where}: {label} " if where else f"{label} "
    target = f" (target {problem.target})" if problem.target else ""
    # The place is never broken, so that a terminal makes one link of it.
    first, *rest = hang(start, problem.what + target, width, indent=_INDENT)
    meaning = Meaning.ERROR if problem.is_error else Meaning.WARNING
    head = f"{palette.paint(where, Meaning.STRONG)}{': ' if where else ''}"
    return [f"{head}{palette.paint(label, meaning)} {first[len(start) :]}".rstrip(), *rest]


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

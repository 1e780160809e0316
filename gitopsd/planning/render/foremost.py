"""What must not be missed of a change: it stands before everything else in a comment.

There are several sorts of it. Where room is short each of them has its share: sixty errors do not
hide that a target was not seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gitopsd.model.plan import Guard, Plan
from gitopsd.model.problem import Problem
from gitopsd.planning.notices import ANOTHER_CLUSTER, NOT_OBSERVED
from gitopsd.planning.preview import Preview
from gitopsd.planning.render.review import Review
from gitopsd.planning.render.sections import warning
from gitopsd.typography import code, count, markdown, shorten

#: What one target and several are called of which something could not be observed, and
#: that are not in the cluster which the Fleet names.
UNSEEN = ("target not wholly seen", "targets not wholly seen")
ELSEWHERE = ("target in another cluster", "targets in another cluster")
#: Widest sentence; what is longer is shortened.
_SENTENCE = 600
#: So many lines will do of what the details tell too.
_FIRST = 10
#: So many of the things that were not seen at a target are named.
_NAMED = 3


def unseen(plan: Plan) -> tuple[Problem, ...]:
    """What the plan says could not be observed."""
    return tuple(notice for notice in plan.notices if notice.id == NOT_OBSERVED)


def elsewhere(plan: Plan) -> bool:
    """Whether what was seen, without a gap, is another cluster than the Fleet names."""
    return plan.wrong_cluster and not unseen(plan)


def foremost(review: Review, room: int) -> list[str]:
    """The lines that come first, each with an empty one behind it, in about `room` characters.

    Of each sort the first line is taken, then of each the second, as long as there is room.
    """
    sorts = tuple(_sorts(review))
    taken = [0] * len(sorts)
    for rank in range(max(len(sort.lines) for sort in sorts)):
        for number, sort in enumerate(sorts):
            if rank != taken[number] or rank >= sort.most:
                continue  # there are no more of these, or there was no room for the one before
            size = len(sort.lines[rank]) + 2
            if size <= room:
                room -= size
                taken[number] += 1
    pairs = zip(sorts, taken, strict=True)
    return [text for sort, number in pairs for line in sort.told(number) for text in (line, "")]


@dataclass(frozen=True, slots=True)
class _Sort:
    """Lines about things of one sort, what one is called, and what many are.

    `below` says that the details tell of all of them too, so that the first few will do here.
    """

    lines: tuple[str, ...]
    one: str
    many: str
    below: bool = False

    @property
    def most(self) -> int:
        """How many of the lines are told at most."""
        return min(len(self.lines), _FIRST) if self.below else len(self.lines)

    def told(self, number: int) -> Iterator[str]:
        """So many of the lines, and how many there are besides."""
        yield from self.lines[:number]
        if left := len(self.lines) - number:
            where = "see below" if self.below else "left out here"
            yield f"> {count(left, f'more {self.one}', f'more {self.many}')}: {where}."


def _sorts(review: Review) -> Iterator[_Sort]:
    """All that there is to know first, sort by sort."""
    plans, problems = review.plans, review.problems
    yield _Sort(
        tuple(_problem("**Error**", problem) for problem in problems if problem.is_error),
        "error", "errors",
    )  # fmt: skip
    yield _Sort(
        tuple(f"> **Not reached** {code(name)}: {_text(why)}" for name, why in review.unreached),
        "target not reached", "targets not reached",
    )  # fmt: skip
    yield _Sort(tuple(_not_seen(plan) for plan in plans if unseen(plan)), *UNSEEN, below=True)
    others = tuple(_another_cluster(plan) for plan in plans if elsewhere(plan))
    yield _Sort(others, *ELSEWHERE, below=True)
    yield _Sort(tuple(f"> **Note**: {_text(note)}" for note in review.remarks), "note", "notes")
    yield _Sort(_each(_held(plan) for plan in plans), "reason to hold", "reasons to hold")
    news = _each(_news(preview) for preview in review.previews)
    yield _Sort(news, "notice", "notices", below=True)
    yield _Sort(
        tuple(_problem("Warning", problem) for problem in problems if not problem.is_error),
        "warning", "warnings",
    )  # fmt: skip


def _each(parts: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(line for lines in parts for line in lines)


def _problem(label: str, problem: Problem) -> str:
    """What is wrong and, of an error, how to mend it."""
    mend = problem.mend if problem.is_error else ""
    words = " ".join(text for text in (problem.what, mend) if text)
    return f"> {label}{_place(problem)}: {_text(words)}"


def _not_seen(plan: Plan) -> str:
    """What could not be observed at a target, the first few things of it, and what that means."""
    gaps = unseen(plan)
    named = gaps[:_NAMED]
    width = _SENTENCE // len(named)
    parts = [shorten(gap.what, width) for gap in named]
    if more := len(gaps) - len(named):
        parts.append(f"{more:,} more could not be observed")
    words = "; ".join((*parts, gaps[0].why, gaps[0].mend))
    return f"> **Not wholly seen** {code(plan.target)}: {markdown(words)}"


def _another_cluster(plan: Plan) -> str:
    told = [notice.what for notice in plan.notices if notice.id == ANOTHER_CLUSTER]
    return f"> **Another cluster** {code(plan.target)}: {_text('; '.join(told) or warning(plan))}"


def _held(plan: Plan) -> Iterator[str]:
    """What guards hold, told once for all the steps that are held for one reason.

    What only waits for another step that is held needs no word of its own here.
    """
    reasons = Counter(
        (hold.guard, hold.reason, hold.release if not hold.guard.approvable else "")
        for hold in (step.hold for step in plan.holds)
        if hold and hold.guard is not Guard.DEPENDENCY
    )
    for (guard, reason, release), number in reasons.items():
        words = _text(reason) + (f"; to go on: {_text(release)}" if release else "")
        yield f"> **Held** at {code(plan.target)}: {count(number, 'step')} ({guard}): {words}"


def _news(preview: Preview) -> Iterator[str]:
    """The notices that come with the change, but for those that have a line of their own here."""
    for notice in preview.news:
        if notice.id not in (NOT_OBSERVED, ANOTHER_CLUSTER):
            more = "; ".join(text for text in (notice.why, notice.mend) if text)
            words = _text(": ".join(text for text in (notice.what, more) if text))
            yield f"> **Notice** at {code(preview.plan.target)}{_place(notice)}: {words}"


def _place(problem: Problem) -> str:
    return f" {code(str(problem.position))}" if problem.position else ""


def _text(text: str) -> str:
    return markdown(shorten(text, _SENTENCE))

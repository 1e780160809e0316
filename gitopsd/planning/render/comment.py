"""A comment on a pull request: what the change brings about, in one screen, the rest folded away.

What people must not miss comes first, and is the last to be left out. Where the forge takes less
than there is to say, whole parts are left out, and the comment says how many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from html import escape

from gitopsd.model.plan import Guard, Operation, Plan
from gitopsd.model.problem import Problem
from gitopsd.planning.preview import Preview
from gitopsd.planning.render.markdown import plan_parts
from gitopsd.planning.render.preview import differences
from gitopsd.planning.render.sections import Tally, summary, tally
from gitopsd.typography import clean, code, count, markdown, shorten

#: Widest sentence of a warning; what is longer is shortened.
_SENTENCE = 600
#: Room that is kept for saying what was left out, and for the last line.
_RESERVE = 1_200
#: How an error begins.
_ERROR = "> **Error**"
#: Columns that a table has even where all of them are 0.
_ALWAYS = (Operation.CREATE, Operation.UPDATE, Operation.DELETE)
_COLUMNS = {
    Operation.CREATE: "Create",
    Operation.ADOPT: "Adopt",
    Operation.UPDATE: "Change",
    Operation.REPLACE: "Replace",
    Operation.DELETE: "Delete",
    Operation.RELEASE: "Release",
}


@dataclass(frozen=True, slots=True)
class Review:
    """What a comment is about.

    `other` names the revision that is compared with, `revision` the one at hand. `unreached` are
    targets that could not be looked at, and why; `remarks` is what else to know first. `approve`
    makes the command that approves a plan of its target and its hash, `whole` is the one that
    prints everything. `forge` is who limits the comment.
    """

    previews: Sequence[Preview]
    other: str
    revision: str
    problems: Sequence[Problem] = ()
    unreached: Sequence[tuple[str, str]] = ()
    remarks: Sequence[str] = ()
    approve: Callable[[str, str], str] = "gitopsd approve {1} --target {0}".format
    whole: str = "gitopsd plan -o markdown"
    forge: str = "the forge"

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans of all targets."""
        return tuple(preview.plan for preview in self.previews)

    @property
    def offline(self) -> bool:
        """Whether nobody looked at a target."""
        return any(preview.offline for preview in self.previews)


@dataclass(slots=True)
class _Paper:
    """Lines up to a limit in characters."""

    limit: int
    lines: list[str] = field(default_factory=list)
    size: int = 0

    def take(self, lines: Sequence[str], most: int) -> bool:
        """Add lines if all of them fit below `most` characters in all; says whether they do."""
        more = sum(len(line) + 1 for line in lines)
        if self.size + more > most:
            return False
        self.lines += lines
        self.size += more
        return True

    def take_each(self, parts: Iterable[Sequence[str]], most: int) -> int:
        """Add parts as long as they fit; answers how many do not."""
        waiting = list(parts)
        for number, lines in enumerate(waiting):
            if not self.take(lines, most):
                return len(waiting) - number
        return 0


def comment(review: Review, limit: int) -> str:
    """The comment, at most `limit` characters long."""
    paper = _Paper(limit)
    paper.take([f"## gitopsd: {_headline(review)}", ""], limit)
    _first_things(paper, review)
    if review.previews:
        _table(paper, review)
        _approvals(paper, review)
        _details(paper, review)
    paper.take([_last_line(review)], limit)
    return "\n".join(paper.lines).rstrip()


def _headline(review: Review) -> str:
    errors = sum(problem.is_error for problem in review.problems)
    parts = [count(errors, "error")] if errors else []
    if review.unreached:
        parts.append(f"{count(len(review.unreached), 'target')} not reached")
    if review.plans:
        total = reduce(Tally.__add__, (tally(plan) for plan in review.plans))
        complete = all(plan.complete for plan in review.plans)
        parts.append(str(total) or ("nothing to do" if complete else "nothing can be planned"))
    return ", ".join(parts) or "no target is known"


def _first_things(paper: _Paper, review: Review) -> None:
    """What to know before anything else: errors, what was not seen, what is held, and warnings."""
    most = paper.limit // 4
    lines = list(_warnings(review))
    if left := paper.take_each([[line, ""] for line in lines], most):
        errors = sum(line.startswith(_ERROR) for line in lines[-left:])
        among = f", {count(errors, 'error')} among them" if errors else ""
        paper.take([f"> {left:,} more of these left out here{among}.", ""], paper.limit)


def _warnings(review: Review) -> Iterator[str]:
    for problem in sorted(review.problems, key=lambda item: not item.is_error):
        place = f" {code(str(problem.position))}" if problem.position else ""
        words = " ".join(text for text in (problem.what, problem.mend) if text)
        if problem.is_error:
            yield f"{_ERROR}{place}: {_sentence(words)}"
    for target, why in review.unreached:
        yield f"> **Not reached** {code(target)}: {_sentence(why)}"
    for remark in review.remarks:
        yield f"> **Note**: {_sentence(remark)}"
    for plan in review.plans:
        yield from _held(plan)
    warnings = [problem for problem in review.problems if not problem.is_error]
    for problem in warnings:
        place = f" {code(str(problem.position))}" if problem.position else ""
        yield f"> Warning{place}: {_sentence(problem.what)}"


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
        words = _sentence(reason) + (f"; to go on: {_sentence(release)}" if release else "")
        yield f"> **Held** at {code(plan.target)}: {count(number, 'step')} ({guard}): {words}"


def _table(paper: _Paper, review: Review) -> None:
    rows = [(preview, tally(preview.plan)) for preview in review.previews]
    operations = [
        operation
        for operation in _COLUMNS
        if operation in _ALWAYS or any(found.counts[operation] for _, found in rows)
    ]
    names = ["Target", *(_COLUMNS[operation] for operation in operations), "Held"]
    rule = ["---", *["--:"] * (len(names) - 1)]
    if not review.offline:
        names, rule = [*names, "Due anyway", "Plan"], [*rule, "--:", "---"]
    most = paper.limit // 2
    paper.take([_row(names), _row(rule)], most)
    left = paper.take_each(([_table_row(*row, operations)] for row in rows), most)
    paper.take([""], paper.limit)
    if left:
        paper.take([f"{count(left, 'more target')} left out of the table.", ""], paper.limit)


def _table_row(preview: Preview, found: Tally, operations: Sequence[Operation]) -> str:
    plan = preview.plan
    cells = [code(plan.target), *(f"{found.counts[operation]:,}" for operation in operations)]
    cells.append(f"{found.held:,}")
    if not preview.offline:
        cells += [f"{len(preview.pending):,}", code(plan.hash) if plan.steps else ""]
    return _row(cells)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _approvals(paper: _Paper, review: Review) -> None:
    """The commands that let go what waits for a person's word."""
    if review.offline:
        return
    waiting = [
        plan
        for plan in review.plans
        if any(step.hold and step.hold.guard.approvable for step in plan.holds)
    ]
    for plan in review.plans:
        if plan.approval is not None:
            given = f" ({plan.approval.given})" if plan.approval.given else ""
            text = f"The plan of {code(plan.target)} is approved{markdown(given)}."
            paper.take([text, ""], paper.limit // 2)
    if not waiting:
        return
    commands = [[clean(review.approve(p.target, p.hash))] for p in waiting]
    paper.take(
        [
            "What the guards of a plan hold waits for an approval. It names the plan, counts for"
            " 24 hours and once, and holds after the merge too, as long as that is still what"
            " there is to do:",
            "",
            "```sh",
        ],
        paper.limit,
    )
    left = paper.take_each(commands, paper.limit * 5 // 8)
    paper.take(["```", ""], paper.limit)
    if left:
        paper.take([f"{count(left, 'more command')} left out here.", ""], paper.limit)


def _details(paper: _Paper, review: Review) -> None:
    """Each target's plan, folded away, as far as there is room."""
    most = paper.limit - _RESERVE
    left = 0
    for preview in review.previews:
        parts = list(_target_parts(preview, review.other))
        if not parts:
            continue
        title = escape(f"{preview.plan.target}: {summary(preview.plan)}")
        opening = [f"<details><summary>{title}</summary>", ""]
        closing = ["</details>", ""]
        spare = sum(len(line) + 1 for line in closing)
        if left or not paper.take([*opening, *parts[0]], most - spare):
            left += len(parts)
            continue
        left += paper.take_each(parts[1:], most - spare)
        paper.take(closing, most)
    if left:
        paper.take(
            [
                f"**Cut here**: {count(left, 'part')} of the details"
                f" {'is' if left == 1 else 'are'} left out: a comment at {review.forge} is kept to"
                f" {paper.limit:,} characters. All of it: {code(review.whole)}",
                "",
            ],
            paper.limit,
        )


def _target_parts(preview: Preview, other: str) -> Iterator[list[str]]:
    if preview.plan.steps or preview.dropped:
        told = [f"- {markdown(sentence)}" for sentence in differences(preview, other)]
        yield [f"Compared with {code(other)}:", "", *told, ""]
    yield from plan_parts(preview.plan)


def _last_line(review: Review) -> str:
    against = f", compared with {code(review.other)}" if review.other else ""
    text = f"Revision {code(review.revision)}{against}."
    if review.offline:
        text += " No cluster was asked, so there is no plan that could be approved."
    return text


def _sentence(text: str) -> str:
    return markdown(shorten(text, _SENTENCE))

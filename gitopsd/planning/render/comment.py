"""A comment on a pull request: what the change brings about, in one screen, the rest folded away.

What people must not miss comes first, and is the last to be left out. Where the forge takes less
than there is to say, whole parts are left out, and the comment says how many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from html import escape

from gitopsd.model.plan import Operation, Plan
from gitopsd.planning.preview import Preview
from gitopsd.planning.render.foremost import ELSEWHERE, UNSEEN, elsewhere, foremost, unseen
from gitopsd.planning.render.markdown import plan_parts
from gitopsd.planning.render.preview import differences
from gitopsd.planning.render.review import Review
from gitopsd.planning.render.sections import Tally, summary, tally
from gitopsd.typography import clean, code, count, markdown

#: Room that is kept for saying what was left out, and for the last line.
_RESERVE = 1_200
#: What stands in the table for what nobody knows.
_UNKNOWN = "?"
_LEGEND = f"`{_UNKNOWN}`: not known, because not everything could be observed there."
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
    paper.take(foremost(review, limit // 4), limit)
    if review.previews:
        _table(paper, review)
        _approvals(paper, review)
        _details(paper, review)
    paper.take([_last_line(review)], limit)
    return "\n".join(paper.lines).rstrip()


def _headline(review: Review) -> str:
    plans = review.plans
    counts = (
        (sum(problem.is_error for problem in review.problems), "error", "errors"),
        (len(review.unreached), "target not reached", "targets not reached"),
        (sum(bool(unseen(plan)) for plan in plans), *UNSEEN),
        (sum(elsewhere(plan) for plan in plans), *ELSEWHERE),
    )
    parts = [count(*counted) for counted in counts if counted[0]]
    if plans:
        total = reduce(Tally.__add__, (tally(plan) for plan in plans))
        parts.append(str(total) or _nothing(plans))
    return ", ".join(parts) or "no target is known"


def _nothing(plans: Sequence[Plan]) -> str:
    """What to say of plans without a step: of those that were not seen nothing is known."""
    if not any(plan.complete for plan in plans):
        return "nothing can be planned"
    return "nothing to do" if all(plan.complete for plan in plans) else "nothing to do elsewhere"


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
    lines = [_table_row(*row, operations) for row in rows]
    lines += [_row([code(name), *[_UNKNOWN] * (len(names) - 1)]) for name, _ in review.unreached]
    most = paper.limit // 2
    paper.take([_row(names), _row(rule)], most)
    left = paper.take_each(([line] for line in lines), most)
    paper.take([""], paper.limit)
    if left:
        paper.take([f"{count(left, 'more target')} left out of the table.", ""], paper.limit)
    if review.unreached or not all(plan.complete for plan in review.plans):
        paper.take([_LEGEND, ""], paper.limit)


def _table_row(preview: Preview, found: Tally, operations: Sequence[Operation]) -> str:
    """A target's numbers; where not everything was seen, that there is nothing is not known."""
    plan = preview.plan
    nothing = "0" if plan.complete else _UNKNOWN
    numbers = [*(found.counts[operation] for operation in operations), found.held]
    name = []
    if not preview.offline:
        numbers.append(len(preview.pending))
        name = [code(plan.hash) if plan.steps else "" if plan.complete else _UNKNOWN]
    return _row([code(plan.target), *(f"{n:,}" if n else nothing for n in numbers), *name])


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

"""`plan --base`: the same specs at another revision, and what the difference brings about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gitopsd.cli.options import Call
from gitopsd.cli.outputs import to_json
from gitopsd.cli.plan import Planning, hints
from gitopsd.cli.planfile import SavedPlan
from gitopsd.cli.reading import Reading, read_source
from gitopsd.cli.targets import Failure, look, places
from gitopsd.engine.previews import preview_offline, preview_target
from gitopsd.planning import PlanOptions
from gitopsd.planning.preview import Preview
from gitopsd.planning.render.preview import preview_markdown, preview_text
from gitopsd.typography import Meaning, count
from gitopsd.wiring.sources import open_base

_SHORT = 7


@dataclass(frozen=True, slots=True)
class Base:
    """The revision that is compared with: what people call it, what it is, and what it says.

    `ahead` says that it has commits which the revision at hand lacks: merged, things look
    otherwise. `left` are its targets that are gone from the fleet.
    """

    name: str
    revision: str
    reading: Reading
    ahead: bool
    left: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name with the commit, where the name is not that already."""
        short = self.revision[:_SHORT]
        return self.name if self.name.startswith(short) else f"{self.name} ({short})"

    def warnings(self) -> Iterator[str]:
        """What to know before the comparison is believed."""
        if self.ahead:
            yield (
                f"{self.title} has commits that this revision lacks: merge them into it, or the"
                " plan after the merge, and its hash, will be another"
            )
        if not self.reading.source.tree().files:
            yield f"{self.title} has no specs here: all of them are new"
        elif errors := sum(problem.is_error for problem in self.reading.problems):
            yield (
                f"{self.title} has {count(errors, 'error')} of its own: documents with errors are"
                " left out of the comparison"
            )
        for target in self.left:
            yield f"target {target} leaves the fleet: what is there is left alone, not deleted"


@dataclass(slots=True)
class Compared(Planning):
    """The plans of the chosen targets, each beside that of the base."""

    base: Base = field(kw_only=True)
    offline: bool = field(kw_only=True)
    previews: list[Preview] = field(default_factory=list)

    def saved(self) -> list[SavedPlan]:
        """The plans with their places; none of what was made for no place."""
        return [] if self.offline else Planning.saved(self)

    def show(self, call: Call, form: str, document: dict[str, object], *, base: str) -> None:
        """Print the plans, and what the change brings about."""
        pairs = zip(self.previews, self.plans, strict=True)
        previews = [replace(preview, plan=plan) for preview, plan in pairs]
        terminal, title = call.terminal, self.base.title
        if form == "json":
            terminal.out(to_json({**document, "base": self.to_json()}))
        elif form == "markdown":
            parts = [preview_markdown(item, title, full=terminal.verbose) for item in previews]
            terminal.out("\n\n".join(parts))
        else:
            for index, item in enumerate(previews):
                self._tell(call, item, base=base, gap="\n" if index else "")

    def _tell(self, call: Call, preview: Preview, *, base: str, gap: str) -> None:
        terminal = call.terminal
        text = preview_text(
            preview,
            self.base.title,
            palette=terminal.palette,
            width=terminal.width,
            full=terminal.verbose,
            base=base,
        )
        terminal.out(gap + text)
        for hint in () if preview.offline else hints(call, preview.plan):
            terminal.out(terminal.palette.paint(f"  {hint}", Meaning.QUIET))

    def to_json(self) -> dict[str, Any]:
        """What `-o json` says beside the plans."""
        return {
            "name": self.base.name,
            "revision": self.base.revision,
            "ahead": self.base.ahead,
            "offline": self.offline,
            "targets": [_preview_json(preview) for preview in self.previews],
        }


def read_base(call: Call, reading: Reading, revision: str) -> Base:
    """Read, check and compile the revision to compare with. Raises the errors of its source."""
    source = open_base(call.settings.source, revision)
    before = read_source(call, source, f"reading {revision}")
    here = reading.revision.removesuffix("+dirty")
    known = reading.state.known
    left: Sequence[str] = ()
    if known and call.settings.scope.target is None:
        left = [name for name in before.state.known if name not in known]
    return Base(revision, before.revision, before, not source.precedes(here), tuple(left))


def compare(
    call: Call, reading: Reading, base: Base, options: PlanOptions, *, offline: bool
) -> Compared:
    """The plans of the chosen targets beside those of the base, looked at or not."""
    compared = Compared(base=base, offline=offline)
    before = base.reading.state.targets
    if offline:
        for _, owner, desired in places(call, reading):
            preview = preview_offline(desired, before.get(desired.name), owner, options)
            compared.previews.append(preview)
            compared.plans.append(preview.plan)
        return compared
    with call.terminal.progress() as progress:
        for seen in look(call, reading, progress, write=False):
            if isinstance(seen, Failure):
                compared.failures.append(seen)
                continue
            progress(f"{seen.owner.target}: comparing")
            wanted, earlier = seen.desired, before.get(seen.desired.name)
            preview = preview_target(wanted, earlier, seen.observed, seen.owner, options)
            compared.sights.append(seen)
            compared.previews.append(preview)
            compared.plans.append(preview.plan)
    return compared


def _preview_json(preview: Preview) -> dict[str, Any]:
    out: dict[str, Any] = {
        "target": preview.plan.target,
        "brought": [step.key for step in preview.brought],
        "pending": [step.key for step in preview.pending],
        "dropped": [step.to_json() for step in preview.dropped],
    }
    if preview.offline:
        # No plan that could be applied: it has no hash, and stands apart from those that have.
        out["steps"] = [step.to_json() for step in preview.plan.steps]
    return out

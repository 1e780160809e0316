"""A plan sorted for reading: by the document that asked, and counted by resource."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gitopsd.model.digest import canonical
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import DIGEST, LABELS, TAGS
from gitopsd.model.paths import join
from gitopsd.model.plan import Change, Guard, Hold, Operation, Plan, Step
from gitopsd.planning.render.essence import essence, is_new
from gitopsd.typography import ABSENT, Meaning, shorten_pair, value

#: Per operation: symbol, what was asked (on a step's line), how it is counted, and its colour.
WORDS: dict[Operation, tuple[str, str, str, Meaning]] = {
    Operation.CREATE: ("+", "create", "to create", Meaning.CREATE),
    Operation.ADOPT: ("»", "adopt", "to adopt", Meaning.CHANGE),
    Operation.UPDATE: ("~", "change", "to change", Meaning.CHANGE),
    Operation.REPLACE: ("±", "replace", "to replace", Meaning.DELETE),
    Operation.DELETE: ("-", "delete", "to delete", Meaning.DELETE),
    Operation.RELEASE: ("«", "release", "to release", Meaning.CHANGE),
}
_MEMBER_WORDS = {Operation.CREATE: "add", Operation.DELETE: "remove"}
HELD_SYMBOL = "!"
#: Said of a step whose changes are all marks of ours.
_ONLY_MARKS = (
    "only its marks: what is asked for stands there (drift was taken into Git, gitopsd was"
    " upgraded, or an apply was cut short)"
)
#: Said where something else differs besides.
_MARKS_BESIDE = "only its marks: what else differs is left as it is by the drift policy"
#: Said where the rest of what is asked for is held.
_MARKS_AFTER = "only its marks, once the rest is done"

#: Where a resource has several steps, the first of these names what happens to it.
_WEIGHT = (
    Operation.REPLACE,
    Operation.CREATE,
    Operation.ADOPT,
    Operation.DELETE,
    Operation.RELEASE,
    Operation.UPDATE,
)


@dataclass(frozen=True, slots=True)
class Section:
    """One document of the config repository with the steps it asked for, in the plan's order."""

    subject: Identity
    steps: tuple[Step, ...]


def sections(steps: Iterable[Step]) -> tuple[Section, ...]:
    """Steps by the document that asked for them, sorted by namespace and name."""
    found: dict[Identity, list[Step]] = {}
    for step in steps:
        found.setdefault(step.owner, []).append(step)
    order = sorted(found, key=lambda subject: (subject.namespace, subject.name, subject.kind))
    return tuple(Section(subject, tuple(found[subject])) for subject in order)


def shared_holds(steps: Iterable[Step]) -> dict[Hold, int]:
    """The holds that more than one step has, with how many: they are told once, and first."""
    counts = Counter(step.hold for step in steps if step.hold)
    return {hold: number for hold, number in counts.items() if number > 1}


def about_marks(step: Step) -> str:
    """What to say of a step whose changes are all marks of ours."""
    if step.hold and step.hold.guard is Guard.DEPENDENCY:
        return _MARKS_AFTER
    return _MARKS_BESIDE if step.payload.get("left") else _ONLY_MARKS


def explained(step: Step) -> str:
    """Why a step is there, unless its hold says the same."""
    return "" if step.hold and step.hold.reason == step.why else step.why


def warning(plan: Plan) -> str:
    """What to know before anything else; "" for a plan made of what was seen completely."""
    if plan.wrong_cluster and plan.cluster_uid is None:
        return "Whether this is the cluster that fleet.yaml names is not known: nothing is done."
    if plan.wrong_cluster:
        return "This is not the cluster that fleet.yaml names: nothing at all is done."
    if not plan.complete:
        return "The observation is incomplete, so nothing is deleted."
    return ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many resources a plan touches, by what becomes of them, and how many are held."""

    counts: Mapping[Operation, int]
    held: int

    def __add__(self, other: Tally) -> Tally:
        counts = {
            operation: self.counts[operation] + other.counts[operation] for operation in WORDS
        }
        return Tally(counts, self.held + other.held)

    def __str__(self) -> str:
        """`3 to create, 1 to change, 1 held`; "" for nothing."""
        parts = [f"{n:,} {WORDS[operation][2]}" for operation, n in self.counts.items() if n]
        return ", ".join([*parts, *([f"{self.held:,} held"] if self.held else [])])


def tally(plan: Plan) -> Tally:
    """Count the resources of a plan."""
    resources: dict[tuple[str, Identity, str], list[Step]] = {}
    for step in plan.steps:
        kind = "ServerGroup" if step.kind == "Members" else step.kind
        resources.setdefault((kind, step.identity, step.group_id or ""), []).append(step)
    counts: dict[Operation, int] = dict.fromkeys(WORDS, 0)
    held = 0
    for steps in resources.values():
        active = {_counted(step) for step in steps if not step.hold}
        held += any(step.hold for step in steps)
        operation = next((candidate for candidate in _WEIGHT if candidate in active), None)
        if operation:
            counts[operation] += 1
    return Tally(counts, held)


def summary(plan: Plan) -> str:
    """`3 to create, 1 to change, 1 held`, counted by resource; `nothing to do` when empty.

    Of an observation with gaps an empty plan does not say so: what was not seen may differ. Any
    other says that it may not be all.
    """
    counted = str(tally(plan))
    if plan.complete:
        return counted or "nothing to do"
    return f"{counted}, not wholly seen" if counted else "nothing can be planned"


def _counted(step: Step) -> Operation:
    """What a step does to its resource: members that come or go change a group that exists."""
    if step.kind == "Members" and step.group_id:
        return Operation.UPDATE
    return step.operation


def word(step: Step) -> str:
    """What is done, as a verb: `create` for a Service, `add` for members."""
    verb = WORDS[step.operation][1]
    return _MEMBER_WORDS.get(step.operation, verb) if step.kind == "Members" else verb


def action(step: Step) -> str:
    """What a step does to what: `create ServerGroup shop/warehouse`."""
    return f"{word(step)} {resource(step)}"


def resource(step: Step) -> str:
    """`Service shop/checkout`, `members of ServerGroup shop/warehouse (sgp-abc)`."""
    known = step.group_id and not step.group_id.startswith("<")  # as in a plan without a cluster
    group = f" ({step.group_id})" if known else ""
    if step.kind == "Members":
        return f"members of ServerGroup {step.identity.key}{group}"
    return f"{step.kind} {step.identity.key}{group}"


#: What every object says and no reader of a plan looks for.
_PLAIN_FACTS = frozenset({"apiVersion", "kind", "metadata.name", "metadata.namespace"})
_MARKS = frozenset(
    {join(("metadata", "labels", key)) for key in LABELS} | {join(("tags", key)) for key in TAGS}
)
_DIGESTS = frozenset({join(("metadata", "labels", DIGEST)), join(("tags", DIGEST))})
#: What is not shown of a step: of a new thing our marks, of one that goes the id, told already.
_HIDDEN = {
    Operation.CREATE: _MARKS | _PLAIN_FACTS,
    Operation.DELETE: _DIGESTS | {"id"},
    Operation.RELEASE: _DIGESTS | {"id"},
}


def shown(step: Step, *, full: bool = False) -> tuple[Change, ...]:
    """The changes of a step as they are read: a whole thing field by field, our marks left out.

    A mark that others took off or edited is told. With `full`, everything.
    """
    changes = tuple(leaf for change in step.changes for leaf in _leaves(change))
    if full:
        return changes
    hidden = _HIDDEN.get(step.operation, _DIGESTS)
    return tuple(c for c in changes if c.path not in hidden or (c.note and c.path in _DIGESTS))


def worth_showing(section: Section, *, full: bool = False) -> tuple[Step, ...]:
    """The steps of a section that tell a reader something.

    Writing the digest tag ends every work on a group; it is shown only where nothing else is done
    to the group, or where it is held. The first members of a new group are counted on its line.
    """
    if full:
        return section.steps
    busy = {step.identity for step in section.steps if "part" not in step.payload}
    made = {
        (step.identity, bool(step.hold))
        for step in section.steps
        if step.kind == "ServerGroup" and is_new(step)
    }
    return tuple(
        step
        for step in section.steps
        if ("part" not in step.payload or step.hold or step.identity not in busy)
        and not (_is_first(step) and (step.identity, bool(step.hold)) in made)
    )


def _is_first(step: Step) -> bool:
    """Whether the step fills a group that is not there yet."""
    return step.kind == "Members" and step.operation is Operation.CREATE and not step.group_id


def told_new(step: Step, section: Section) -> str:
    """What is said of a new thing behind its name: its essence, members of a group included."""
    members = sum(
        len(other.payload["servers"])
        for other in section.steps
        if _is_first(other) and other.identity == step.identity
    )
    return essence(step, members)


def _leaves(change: Change) -> Iterator[Change]:
    """A change of a whole thing (path "") as one change per field."""
    if change.path:
        yield change
        return
    sides = [dict(_flat(side)) if side is not None else {} for side in (change.old, change.new)]
    for path in dict.fromkeys((*sides[0], *sides[1])):
        yield replace(change, path=path, old=sides[0].get(path), new=sides[1].get(path))


def _flat(content: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Any]]:
    if isinstance(content, Mapping) and content:
        for key, inner in content.items():
            yield from _flat(inner, (*path, key))
    elif isinstance(content, list) and any(isinstance(item, (dict, list)) for item in content):
        for index, inner in enumerate(content):
            yield from _flat(inner, (*path, index))
    else:
        yield join(path), content


def unknown_ids(step: Step) -> tuple[str, ...]:
    """The groups whose ids are known after apply, as they stand in the step: `<shop/warehouse>`."""
    groups = step.payload.get("groups", ())
    text = canonical(step.payload["manifest"]).decode() if groups else ""
    return tuple(name for key in groups if (name := f"<{key}>") in text)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change as it is read: symbol, path, old and new value (either may be ""), and a note."""

    symbol: str
    meaning: Meaning
    path: str
    old: str
    new: str
    note: str


def change_line(change: Change, *, width: int, full: bool = False) -> ChangeLine:
    """A change with its values as texts; long ones are shortened around what differs."""
    old, new = value(change.old), value(change.new)
    if not full:
        old, new = _shortened(old, new, width)
    if change.old is None:
        return ChangeLine("+", Meaning.CREATE, change.path, "", new, change.note)
    if change.new is None:
        return ChangeLine("-", Meaning.DELETE, change.path, old, "", change.note)
    return ChangeLine("~", Meaning.CHANGE, change.path, old, new, change.note)


def _shortened(old: str, new: str, width: int) -> tuple[str, str]:
    """A pair at most about `width` long each, the part in which it differs left in.

    A value that comes or goes as a whole stays whole.
    """
    return (old, new) if ABSENT in (old, new) else shorten_pair(old, new, width)

"""--adopt and --replace that name nothing: told, because a slip of the pen looks like an order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gitopsd.cli.allowances import Allowed
from gitopsd.cli.targets import Sight
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import Identity
from gitopsd.model.plan import Operation, Plan, Step


def pointless(
    targets: Mapping[str, DesiredTarget],
    sights: Sequence[Sight],
    plans: Sequence[Plan],
    allowed: Allowed,
) -> Iterator[str]:
    """A sentence for each option that names nothing which the plans take over or make anew.

    Targets that could not be looked at may be the ones that were meant; then nothing is said of
    names that the specs want.
    """
    if not targets:
        return
    seen = len(sights) == len(targets)
    foreign = {identity for sight in sights for identity in sight.observed.foreign}
    steps = [step for plan in plans for step in plan.steps]
    for identity in dict.fromkeys(allowed.adopt):
        done = any(_adopts(step, foreign) and _about(step, identity) for step in steps)
        if not done and (why := _why_not(identity, targets, seen, "there is nothing of others")):
            yield f"--adopt {identity} does nothing: {why}"
    for identity in dict.fromkeys(allowed.replace):
        done = any(_replaces(step) and _about(step, identity) for step in steps)
        if not done and (why := _why_not(identity, targets, seen, "nothing has to be made anew")):
            yield f"--replace {identity} does nothing: {why}"


def _adopts(step: Step, foreign: set[Identity]) -> bool:
    return step.operation is Operation.ADOPT or step.identity in foreign


def _replaces(step: Step) -> bool:
    """A group is made anew by a step that creates it; why says what takes its place."""
    anew = step.kind == "ServerGroup" and step.operation is Operation.CREATE and bool(step.why)
    return step.operation is Operation.REPLACE or anew


def _about(step: Step, identity: Identity) -> bool:
    return identity in (step.identity, step.owner)


def _why_not(
    identity: Identity, targets: Mapping[str, DesiredTarget], seen: bool, otherwise: str
) -> str:
    """What to say of a name; "" where that is not known."""
    places = ", ".join(sorted(targets))
    wanted: set[Identity] = set()
    held: set[Identity] = set()
    for desired in targets.values():
        wanted.update(desired.objects, desired.groups)
        wanted.update(item.exposure for item in desired.objects.values())
        held |= desired.held
    if identity in wanted:
        return f"{otherwise} in its place at {places}" if seen else ""
    if identity in held:
        return "its document has errors, so what it made is left as it is"
    if any(h.namespace == identity.namespace and h.name == identity.name for h in held):
        return "the document of that name has errors, so what it made is left as it is"
    return f"the specs want no such thing at {places}"

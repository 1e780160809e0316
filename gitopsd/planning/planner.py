"""The plan of one target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gitopsd.diff.objects import exposure_of
from gitopsd.model.comparison import Comparison, ObjectComparison
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.ownership import DIGEST, Owner
from gitopsd.model.plan import Operation, Plan, Step
from gitopsd.model.problem import Problem
from gitopsd.planning.backends import with_backends
from gitopsd.planning.exceptions import exception_notices, overridden
from gitopsd.planning.groups import group_steps
from gitopsd.planning.guards import guarded
from gitopsd.planning.memory import remembered
from gitopsd.planning.notices import notices_of, unmarked_notices
from gitopsd.planning.objects import object_step
from gitopsd.planning.options import PlanOptions
from gitopsd.planning.ordering import ordered

_RETIRING = "the target is being emptied (state: Retiring in fleet.yaml)"


def make_plan(
    comparison: Comparison,
    desired: DesiredTarget,
    observed: ObservedTarget,
    owner: Owner,
    options: PlanOptions,
) -> Plan:
    """What to do about every difference, ordered and guarded. Decides; sends nothing."""
    steps: list[Step] = []
    for group in comparison.groups:
        steps += group_steps(group, owner, options)
    for item in comparison.objects:
        step = object_step(item, observed, owner, options)
        if step is not None:
            steps.append(step)
    steps = with_backends(steps, comparison, desired, observed, options)
    if desired.retiring:
        steps = [
            replace(step, why=_RETIRING) if step.operation is Operation.DELETE else step
            for step in steps
        ]
    settled = _settled(comparison, desired, observed, steps)
    plan = Plan(
        owner.instance,
        owner.target,
        ordered(steps, desired.objects, observed.objects),
        (
            *_notices(comparison, steps, desired, observed, options),
            *unmarked_notices(observed, desired, owner),
        ),
        options.revision,
        observed.complete,
        options.fleet,
        settled,
        observed.cluster_uid,
        fields=remembered(comparison, settled, observed.record),
    )
    return guarded(plan, comparison, desired, observed, options)


def _notices(
    comparison: Comparison,
    steps: Iterable[Step],
    desired: DesiredTarget,
    observed: ObservedTarget,
    options: PlanOptions,
) -> Iterable[Problem]:
    yield from notices_of(comparison, steps, desired, observed, options)
    moment = options.now or options.today
    yield from exception_notices(comparison, desired, observed.record, moment, options.again)
    if options.correct:
        yield from overridden(comparison)


def _settled(
    comparison: Comparison,
    desired: DesiredTarget,
    observed: ObservedTarget,
    steps: Iterable[Step],
) -> dict[Identity, str]:
    """What needs no step, with the digest it was applied with, for the record.

    That includes what is left as somebody made it, and what held documents made: forgetting those
    would turn a later deletion by hand into a change.
    """
    moving = {step.identity for step in steps}
    before = observed.record.entries if observed.record else {}
    settled: dict[Identity, str] = {}
    for item in comparison.objects:
        if item.unknown:
            _carry(settled, before, item.identity)
        elif item.desired and item.identity not in moving:
            if digest := _applied(item):
                settled[item.identity] = digest
            else:  # a group that it names is gone, and nobody knows the digest meanwhile
                _carry(settled, before, item.identity)
    for group in comparison.groups:
        if group.unknown or any(difference.doubtful for difference in group.differences):
            _carry(settled, before, group.identity)
        elif group.desired and group.identity not in moving:
            settled[group.identity] = group.desired.digest
    for identity in observed.unmarked:  # nothing else would tell of it any more
        _carry(settled, before, identity)
    return _held(desired, observed) | settled


def _held(desired: DesiredTarget, observed: ObservedTarget) -> dict[Identity, str]:
    """What held documents made, with the digest that it carries."""
    held: dict[Identity, str] = {}
    for identity, live in observed.objects.items():
        if exposure_of(live) in desired.held and DIGEST in live.labels:
            held[identity] = live.labels[DIGEST]
    for kept in observed.groups:
        if kept.identity in desired.held and kept.identity and kept.digest:
            held.setdefault(kept.identity, kept.digest)
    return held


def _applied(item: ObjectComparison) -> str | None:
    """The digest of what needs no step; while a part of it is in doubt, the one that it has."""
    if item.live and any(difference.doubtful for difference in item.differences):
        return item.live.labels.get(DIGEST)
    return item.digest


def _carry(
    settled: dict[Identity, str], before: Mapping[Identity, str], identity: Identity
) -> None:
    """Of what could not be seen nothing new is known: what is remembered of it stays."""
    if identity in before:
        settled[identity] = before[identity]

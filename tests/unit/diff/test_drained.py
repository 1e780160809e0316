"""A destination of an action that somebody has drained, and what Git moves around it: laws."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.diff import compare_target
from gitopsd.diff.actions import serves, weights_in
from gitopsd.diff.fields import remember
from gitopsd.diff.write_ahead import begun_as
from gitopsd.model.desired import DesiredObject, DriftPolicy
from gitopsd.model.digest import digest
from gitopsd.model.observed import Record
from gitopsd.model.verdict import Cause, Difference
from gitopsd.planning.selection import split
from gitopsd.profiles.annotations import ACTIONS
from tests.unit.build import CORRECT, OWNER, found, ingress, live, wanted

TODAY = date(2026, 11, 22)
NAMES = ("a-svc", "b-svc", "c-svc")
WEIGHTS = (0, 30, 70)
Weights = dict[str, int]


def action(weights: Weights) -> str:
    shares = [{"ServiceName": n, "ServicePort": 80, "Weight": w} for n, w in weights.items()]
    return json.dumps([{"type": "ForwardGroup", "ForwardConfig": {"ServerGroups": shares}}])


def menu(weights: Weights, route: str = "forward", drift: DriftPolicy = CORRECT) -> DesiredObject:
    item = ingress()
    text = json.dumps(item.manifest["spec"]).replace("forward", route)
    metadata = {**item.manifest["metadata"], "annotations": {ACTIONS + route: action(weights)}}
    manifest = {**item.manifest, "metadata": metadata, "spec": json.loads(text)}
    return replace(item, manifest=manifest, drift=drift)


def alone(name: str = "a-svc") -> DesiredObject:
    """Git leads the route to one Service, without an action."""
    item = ingress()
    text = json.dumps(item.manifest["spec"]).replace('"forward"', f'"{name}"')
    spec = json.loads(text.replace('{"name": "use-annotation"}', '{"number": 80}'))
    metadata = {**item.manifest["metadata"], "annotations": {}}
    return replace(item, manifest={**item.manifest, "metadata": metadata, "spec": spec})


def known(item: DesiredObject, fields: str | None = None) -> Record:
    memory = fields or remember(item.manifest)
    return Record(entries={item.identity: digest(item.manifest)}, fields={item.identity: memory})


def differences(
    before: Weights, there: Weights, after: DesiredObject, record: Record | None = None
) -> tuple[Difference, ...]:
    """What differs where `before` was applied, somebody made `there` of it, and Git moved on."""
    item = menu(before)
    edits = {f"metadata.annotations@{ACTIONS}forward": action(there)} if there != before else None
    seen = found(live(item, edits=edits), record=record or known(item))
    return compare_target(wanted(after), seen, OWNER, today=TODAY).objects[0].differences


def sent(told: tuple[Difference, ...], route: str = "forward") -> Weights | None:
    """The weights that a pass writes; None where it leaves the action as it stands."""
    write, _ = split(told, correct=False)
    for item in write:
        if item.path.endswith(f"actions.{route}]"):
            return {n.removesuffix(":80"): w for n, w in (weights_in(item.wanted) or {}).items()}
    return None


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["Correct", "Report"]), st.booleans())
def test_a_zero_by_hand_stays_as_long_as_git_does_not_move_that_very_destination(
    seed: int, mode: str, renamed: bool
) -> None:
    dice = random.Random(seed)
    before = {name: dice.choice(WEIGHTS) for name in NAMES}
    there = {n: dice.choice(WEIGHTS) if dice.random() < 0.5 else w for n, w in before.items()}
    after = {n: dice.choice(WEIGHTS) if dice.random() < 0.5 else w for n, w in before.items()}
    if not any(after.values()) or (after == before and not renamed):
        return
    route = "other" if renamed else "forward"
    told = differences(before, there, menu(after, route, DriftPolicy(mode)))  # type: ignore[arg-type]
    spared = {n: 0 for n in NAMES if there[n] == 0 and after[n] == before[n]}
    expected = after | spared
    if not any(expected.values()) and any(there.values()):
        expected = there  # nobody would get anything
    result = sent(told, route)
    assert (there if result is None else result) == expected


@pytest.mark.parametrize("there", [{"a-svc": 0, "b-svc": 70}, {"a-svc": 0, "b-svc": 0}])
@pytest.mark.parametrize(
    "before", [{"a-svc": 30, "b-svc": 70}, {"a-svc": 0, "b-svc": 70}, {"b-svc": 70}], ids=str
)
def test_a_route_whose_only_destination_is_drained_by_hand_is_left_as_a_whole(
    before: Weights, there: Weights
) -> None:
    told = differences(before, there, alone())
    by_hand = before.get("a-svc") == 30
    assert {item.manual for item in told if "digest" not in item.path} == {by_hand}
    written, left = split(told, correct=False)
    assert len(left) == (2 if by_hand else 0)
    assert all("digest" in item.path for item in written) == by_hand
    assert not split(told, correct=True)[1]


def test_a_zero_beside_a_destination_that_stays_alone_is_nobodys_drain() -> None:
    told = differences({"a-svc": 30, "b-svc": 70}, {"a-svc": 30, "b-svc": 0}, alone())
    assert not any(item.manual for item in told)


@pytest.mark.parametrize(
    ("applied", "expected"),
    [(alone(), {"a-svc": 0, "b-svc": 60}), (menu({"b-svc": 70}), {"a-svc": 30, "b-svc": 60})],
    ids=["drained-alone", "new"],
)
def test_a_drained_destination_gets_no_share_by_getting_neighbours_again(
    applied: DesiredObject, expected: Weights
) -> None:
    edits = {
        f"metadata.annotations@{ACTIONS}forward": action({"a-svc": 0, "b-svc": 70}),
        "spec.rules": menu({}).manifest["spec"]["rules"],
    }
    seen = found(live(applied, edits=edits), record=known(applied))
    after = wanted(menu({"a-svc": 30, "b-svc": 60}))
    told = compare_target(after, seen, OWNER, today=TODAY).objects[0].differences
    assert sent(told) == expected


@pytest.mark.parametrize("told", ["with the weight it had", "with that of who is alone"])
def test_a_drained_destination_of_an_action_gets_no_share_by_losing_its_neighbours(
    told: str,
) -> None:
    """A group or pods keep an action when they are alone, and need no weight in it then."""
    after = menu({"a-svc": 30 if told == "with the weight it had" else 100})
    assert sent(differences({"a-svc": 30, "b-svc": 70}, {"a-svc": 0, "b-svc": 70}, after)) is None


def test_a_drained_destination_gets_no_share_by_getting_its_first_neighbours() -> None:
    after = menu({"a-svc": 30, "b-svc": 70})
    assert sent(differences({"a-svc": 100}, {"a-svc": 0}, after)) == {"a-svc": 0, "b-svc": 70}


def test_a_zero_that_git_itself_gave_a_destination_that_is_alone_is_raised() -> None:
    assert sent(differences({"a-svc": 0}, {"a-svc": 0}, menu({"a-svc": 100}))) == {"a-svc": 100}


def test_a_zero_that_git_asked_for_is_raised_though_somebody_moved_another_weight() -> None:
    told = differences(
        {"a-svc": 0, "b-svc": 70}, {"a-svc": 0, "b-svc": 60}, menu({"a-svc": 30, "b-svc": 70})
    )
    assert sent(told) == {"a-svc": 30, "b-svc": 70}


def test_a_zero_that_a_killed_pass_wrote_is_raised_when_git_goes_back() -> None:
    full, zero = {"a-svc": 30, "b-svc": 70}, {"a-svc": 0, "b-svc": 70}
    begun = menu(zero)
    note = begun_as(remember(menu(full).manifest), digest(begun.manifest), remember(begun.manifest))
    record = replace(known(menu(full)), fields={begun.identity: note})
    told = differences(zero, zero, menu(full), record)
    assert sent(told) == full
    assert not any(item.manual for item in told)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({"a-svc": 30, "b-svc": 70}, {"a-svc": 30, "b-svc": 70}),
        ({"a-svc": 30, "b-svc": 71}, {"a-svc": 0, "b-svc": 71}),
    ],
    ids=["zeros-alone", "more"],
)
def test_without_a_memory_a_zero_stays_where_more_of_the_action_has_moved(
    after: Weights, expected: Weights
) -> None:
    nothing = Record(entries={menu(after).identity: "of another time"})
    zero = {"a-svc": 0, "b-svc": 70}
    assert sent(differences(zero, zero, menu(after), nothing)) == expected


def test_who_drained_a_destination_is_told_with_the_change_around_it() -> None:
    full, after = {"a-svc": 30, "b-svc": 70}, {"a-svc": 30, "b-svc": 71}
    told = differences(full, {"a-svc": 0, "b-svc": 70}, menu(after))
    (item,) = [one for one in told if one.manual]
    assert (item.cause, item.who and item.who.manager) == (Cause.CHANGE, "kubectl-edit")
    assert item.note == "b-svc:80 weight 70 → 71"
    assert serves(item.kept)

"""Which custom resources are written, and that nothing is where only the time has moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitopsd.model.identity import Identity
from gitopsd.model.ownership import Owner
from gitopsd.model.status import Condition, MirrorObject, SubjectStatus
from gitopsd.status import Mirroring, Wanted, mirror
from gitopsd.status.mirroring import GRACE, generation_of

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
OWNER = Owner("acme", "edge")
TEA = Identity("Exposure", "shop", "tea")
SPEC = {"loadBalancer": {"type": "CLB"}, "targets": ["edge"]}
READY = SubjectStatus((Condition("Ready", "True", "Reachable", "it answers"),), address="1.2.3.4")
WANTED = {TEA: Wanted(SPEC, READY)}


def acts(wanted: dict[Identity, Wanted], *found: MirrorObject, **more: Any) -> list[Mirroring]:
    given = {"revision": "a" * 40, "now": NOW, **more}
    return list(mirror(wanted, found, OWNER, given.pop("revision"), given.pop("now"), **given))


def written(action: Mirroring, generation: int = 1) -> MirrorObject:
    """What stands in the cluster after an action, as an API server keeps it."""
    before = action.found or MirrorObject(action.identity, "u", "1", generation)
    if action.spec is not None:
        before = replace(before, spec=action.spec, labels=action.labels or {})
        action = generation_of(action, before)
    return replace(before, status=action.status or {})


@pytest.fixture
def tea() -> MirrorObject:
    (action,) = acts(WANTED)
    return written(action)


def test_what_is_right_is_not_written_again_whatever_the_time_and_the_revision(
    tea: MirrorObject,
) -> None:
    assert acts(WANTED, tea, now=NOW + timedelta(days=3), revision="b" * 40) == []


def test_a_turn_of_a_condition_alone_has_its_own_time(tea: MirrorObject) -> None:
    silent = Condition("Ready", "False", "NoReadyEndpoint", "nobody answers")
    later = NOW + timedelta(hours=1)
    wanted = {TEA: Wanted(SPEC, replace(READY, conditions=(silent,)))}
    (action,) = acts(wanted, tea, now=later)
    assert action.spec is None
    assert action.status is not None
    times = {one["type"]: one["lastTransitionTime"] for one in action.status["conditions"]}
    assert times == {"Ready": "2026-11-22T09:00:00Z", "AsInGit": "2026-11-22T08:00:00Z"}


def test_a_new_spec_in_git_is_no_edit_by_hand(tea: MirrorObject) -> None:
    spec = {**SPEC, "preserveClientIP": True}
    (action,) = acts({TEA: Wanted(spec, READY)}, tea, revision="b" * 40)
    assert action.spec == spec
    assert not action.by_hand
    assert action.status is not None
    assert action.status["shortRevision"] == "b" * 12


def test_an_edit_by_hand_is_put_back_and_stays_told_for_as_long_as_the_spec(
    tea: MirrorObject,
) -> None:
    edited = replace(tea, spec={**SPEC, "preserveClientIP": True}, generation=2)
    (action,) = acts(WANTED, edited)
    assert action.spec == SPEC
    assert action.by_hand
    after = written(action)
    assert acts(WANTED, after) == []
    assert {"PutBack", "Reachable"} == {one["reason"] for one in after.status["conditions"]}


def test_what_is_made_by_hand_is_marked_first_and_removed_later() -> None:
    mine = MirrorObject(Identity("Exposure", "shop", "mine"), "u", "1", 1, {}, SPEC)
    (mark,) = acts({}, mine)
    assert not mark.remove
    marked = written(mark)
    assert acts({}, marked, now=NOW + GRACE / 2) == []
    (action,) = acts({}, marked, now=NOW + GRACE)
    assert action.remove


def test_what_git_drops_goes_unless_not_all_could_be_seen(tea: MirrorObject) -> None:
    (action,) = acts({}, tea)
    assert action.remove
    assert acts({}, tea, complete=False) == []


@pytest.mark.parametrize("others", [Owner("others", "edge"), Owner("acme", "cloud")])
def test_what_another_instance_or_target_keeps_is_not_ours_to_see(others: Owner) -> None:
    (action,) = mirror(WANTED, (), others, "a" * 40, NOW)
    theirs = written(action)
    assert acts(WANTED, theirs) == []
    assert acts({}, theirs) == []


def test_what_an_earlier_gitopsd_of_another_instance_keeps_is_not_ours_to_see() -> None:
    (action,) = mirror(WANTED, (), Owner("others", "edge"), "a" * 40, NOW)
    theirs = written(action)
    status = {key: value for key, value in theirs.status.items() if key != "instance"}
    assert acts(WANTED, replace(theirs, status=status)) == []


@pytest.mark.parametrize(
    "label", [{"gitopsd.io/instance": "others"}, {"gitopsd.io/target": "cloud"}]
)
def test_a_label_edited_by_hand_makes_it_nobody_elses(
    tea: MirrorObject, label: dict[str, str]
) -> None:
    (action,) = acts(WANTED, replace(tea, labels={**tea.labels, **label}))
    assert action.by_hand
    assert acts(WANTED, written(action)) == []


@pytest.mark.parametrize("wanted", [WANTED, {}])
def test_another_s_with_a_label_edited_by_hand_stays_another_s(
    wanted: dict[Identity, Wanted],
) -> None:
    (action,) = mirror(WANTED, (), Owner("acme", "cloud"), "a" * 40, NOW)
    theirs = written(action)
    for label in ({"gitopsd.io/target": "edge"}, {"gitopsd.io/target": "nowhere"}):
        assert acts(wanted, replace(theirs, labels={**theirs.labels, **label})) == []


def test_what_is_made_by_hand_with_the_labels_of_another_is_marked() -> None:
    labels = Owner("others", "edge").labels("mine")
    mine = MirrorObject(Identity("Exposure", "shop", "mine"), "u", "1", 1, labels, SPEC)
    (mark,) = acts({}, mine)
    assert mark.by_hand


def test_a_kind_that_does_not_keep_the_instance_costs_no_write(tea: MirrorObject) -> None:
    status = {key: value for key, value in tea.status.items() if key != "instance"}
    assert acts(WANTED, replace(tea, status=status)) == []


def test_a_document_with_errors_keeps_the_spec_that_it_had(tea: MirrorObject) -> None:
    stalled = SubjectStatus((Condition("Stalled", "True", "Invalid", "errors"),))
    (action,) = acts({TEA: Wanted(None, stalled)}, tea)
    assert action.spec is None
    assert acts({TEA: Wanted(None, stalled)}) == []

"""Who moved which field of a server group: laws, whatever Git and people do in which order."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.diff import compare_target
from gitopsd.diff.fields import recall
from gitopsd.diff.group_memory import GroupMemory, remember_group
from gitopsd.diff.modes import treatment
from gitopsd.diff.write_ahead import UNFINISHED, begun_as
from gitopsd.model.desired import DesiredGroup, DriftPolicy
from gitopsd.model.drifthold import DriftHold
from gitopsd.model.observed import ObservedGroup, ObservedTarget, Record
from gitopsd.model.verdict import Cause, Difference
from tests.unit.build import OWNER, found, group, live_group, member, wanted

TODAY = date(2026, 11, 22)
ADDRESSES = ("192.168.20.11", "192.168.20.12", "192.168.20.13")
WEIGHTS = (0, 30, 100)
INTERVALS = (2, 5, 9)
HOLDS = ("ServerGroup", "ServerGroup/servers", "ServerGroup/HealthCheckConfig",
         f"ServerGroup/servers[{ADDRESSES[0]}:8080].weight")  # fmt: skip
CHECK = "HealthCheckConfig.HealthCheckInterval"


def weight_path(address: str) -> str:
    return f"servers[{address}:8080].weight"


def spec(servers: dict[str, int], interval: int, drift: DriftPolicy) -> DesiredGroup:
    item = group("warehouse", *((a, 8080, w) for a, w in servers.items()), drift=drift)
    check = {**item.create["HealthCheckConfig"], "HealthCheckInterval": interval}
    return replace(item, create={**item.create, "HealthCheckConfig": check})


def near(item: Difference) -> set[str]:
    """The paths that an edit of the same field may have had."""
    return {item.path, item.path.removesuffix(".weight"), f"{item.path}.weight"}


@dataclass
class Story:
    """A group, what Git says of it, what stands in the cloud, and what the record remembers."""

    mode: Any
    git: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ADDRESSES[:2], 100))
    git_interval: int = 5
    cloud: dict[str, int] = field(default_factory=dict)
    interval: int = 5
    digest: str = ""
    record: Record = field(default_factory=Record)
    by_hand: set[str] = field(default_factory=set)
    drained: set[str] = field(default_factory=set)
    applied: dict[str, int] = field(default_factory=dict)
    asked_zero: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.cloud, self.digest, self.applied = dict(self.git), self.item.digest, dict(self.git)
        self.remember()

    @property
    def item(self) -> DesiredGroup:
        return spec(self.git, self.git_interval, DriftPolicy(self.mode))

    def remember(self) -> None:
        item = self.item
        fields = {item.identity: remember_group(item)}
        entries = {item.identity: self.digest}
        self.record = replace(self.record, entries=entries, fields=fields)

    def live(self) -> ObservedGroup:
        there = spec(self.cloud, self.interval, DriftPolicy())
        seen = live_group(there, members=[member(a, 8080, w) for a, w in self.cloud.items()])
        return replace(seen, tags={**seen.tags, "gitopsd.io/digest": self.digest})

    def observed(self) -> ObservedTarget:
        return found(self.live(), record=self.record)

    def differences(self) -> tuple[Difference, ...]:
        comparison = compare_target(wanted(self.item), self.observed(), OWNER, today=TODAY)
        return comparison.groups[0].differences

    def hold(self, path: str | None) -> None:
        hold = DriftHold(self.item.identity, path or "", "2026-12-01", "incident")
        notes = {hold.key: hold.text} if path else {}
        self.record = replace(self.record, annotations=notes)

    def commit(self, dice: random.Random) -> None:
        some = dice.sample(ADDRESSES, dice.randint(1, 3))
        self.git = {address: dice.choice(WEIGHTS) for address in some}
        self.git_interval = dice.choice(INTERVALS)
        self.drained = set()
        self.asked_zero |= {address for address, weight in self.git.items() if weight == 0}

    def edit(self, dice: random.Random) -> None:
        if dice.random() < 0.3:
            self.interval = dice.choice(INTERVALS)
            self.by_hand.add(CHECK)
            return
        address = dice.choice(ADDRESSES)
        if address in self.cloud and dice.random() < 0.7:
            self.cloud[address] = dice.choice(WEIGHTS)
            self.by_hand.add(weight_path(address))
            self.drained -= {address}
            asked = self.git.get(address, 0)
            others = self.cloud[address] == 0 and address not in self.asked_zero
            if others and 0 < asked == self.applied.get(address):  # Git has not moved it since
                self.drained.add(address)
        elif address in self.cloud and len(self.cloud) > 1:
            del self.cloud[address]
            self.by_hand.add(f"servers[{address}:8080]")
            self.drained -= {address}

    def apply(self, *, correct: bool = False) -> None:
        """What the steps of a pass do."""
        differences = self.differences()
        assert not any(item.doubtful for item in differences)
        self.write(item for item in differences if treatment(item, correct=correct).written)
        self.digest, self.applied = self.item.digest, dict(self.git)
        self.asked_zero = {address for address, weight in self.git.items() if weight == 0}
        self.remember()

    def crash(self, dice: random.Random) -> None:
        """A pass that is killed before it has written its record, wherever it was."""
        item = self.item
        if self.record.entries[item.identity] != item.digest:
            ahead = begun_as(self.record.fields[item.identity], item.digest, remember_group(item))
            self.record = replace(self.record, fields={item.identity: ahead})
        some = [d for d in self.differences() if treatment(d).written]
        done = dice.randint(0, len(some))
        self.write(dice.sample(some, done))
        if done == len(some):
            self.digest, self.applied = item.digest, dict(self.git)

    def write(self, differences: Iterable[Difference]) -> None:
        for item in differences:
            self.by_hand -= near(item)
            if item.path == CHECK:
                self.interval = item.wanted
            elif item.path.startswith("servers["):
                address = item.path.removeprefix("servers[").partition(":")[0]
                if item.path.endswith(".weight"):
                    self.cloud[address] = item.wanted
                elif item.wanted is None:
                    self.cloud.pop(address)
                else:
                    self.cloud[address] = self.git[address]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["Correct", "Report", "Ignore"]))
def test_nobody_is_blamed_for_what_git_asked_and_in_the_end_git_has_its_way(
    seed: int, mode: Any
) -> None:
    dice = random.Random(seed)
    story = Story(mode)
    for _ in range(12):
        deed = dice.choice(("commit", "edit", "edit", "hold", "release", "apply", "apply", "crash"))
        if deed in ("commit", "edit", "crash"):
            getattr(story, deed)(dice)
        elif deed == "apply":
            story.apply()
        else:
            story.hold(dice.choice(HOLDS) if deed == "hold" else None)
        for item in story.differences():
            if item.cause is Cause.DRIFT:
                assert story.by_hand & near(item), item
        assert all(story.cloud[address] == 0 for address in story.drained)
    story.hold(None)
    story.mode = "Correct"
    story.apply(correct=True)
    assert (story.cloud, story.interval) == (story.git, story.git_interval)
    assert story.differences() == ()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(HOLDS))
def test_what_git_alone_moves_under_a_hold_is_written_during_the_hold(seed: int, path: str) -> None:
    dice = random.Random(seed)
    story = Story("Correct")
    story.hold(path)
    story.commit(dice)
    assert {item.cause for item in story.differences()} <= {Cause.CHANGE}
    story.apply()
    assert (story.cloud, story.interval) == (story.git, story.git_interval)
    assert story.differences() == ()


def test_without_a_memory_a_held_field_is_left_told_and_in_doubt() -> None:
    story = Story("Correct")
    story.hold("ServerGroup/servers")
    story.git |= {ADDRESSES[2]: 100}
    story.git_interval = 9
    story.record = replace(story.record, fields={})
    told = {item.path: (item.doubtful, treatment(item).written) for item in story.differences()}
    assert told == {
        f"servers[{ADDRESSES[2]}:8080]": (True, False),
        CHECK: (False, True),
        "tags[gitopsd.io/digest]": (False, True),
    }
    assert {item.cause for item in story.differences()} == {Cause.CHANGE}
    (doubt,) = [item for item in story.differences() if item.doubtful]
    assert treatment(doubt).told
    assert treatment(doubt, correct=True).written


def test_what_a_cut_short_apply_left_is_a_change_though_git_went_back() -> None:
    story = Story("Report")
    story.cloud[ADDRESSES[0]] = 0
    story.record = replace(story.record, fields={story.item.identity: UNFINISHED})
    (difference,) = story.differences()
    assert (difference.cause, difference.manual) == (Cause.CHANGE, False)


def test_what_nobody_but_a_cut_short_apply_moved_is_told_from_a_server_drained_since() -> None:
    story = Story("Correct")
    key, applied = story.item.identity, remember_group(story.item)
    story.git |= {ADDRESSES[1]: 30}
    note = begun_as(applied, story.item.digest, remember_group(story.item))
    story.record = replace(story.record, fields={key: note})
    story.git |= {ADDRESSES[1]: 100}
    story.cloud |= {ADDRESSES[0]: 0, ADDRESSES[1]: 30}
    causes = {item.path: (item.cause, item.manual) for item in story.differences()}
    assert causes == {
        weight_path(ADDRESSES[0]): (Cause.DRIFT, True),
        weight_path(ADDRESSES[1]): (Cause.CHANGE, False),
    }


def test_an_unrelated_commit_leaves_a_weight_that_somebody_set_to_zero() -> None:
    story = Story("Correct")
    story.cloud[ADDRESSES[0]] = 0
    story.git_interval = 9
    causes = {item.path: (item.cause, item.manual) for item in story.differences()}
    assert causes[weight_path(ADDRESSES[0])] == (Cause.DRIFT, True)
    assert causes[CHECK] == (Cause.CHANGE, False)


@pytest.mark.parametrize(("spelled", "moved"), [("http", False), ("TCP", True)])
def test_another_spelling_of_a_value_is_no_move(spelled: str, moved: bool) -> None:
    item = group("warehouse", ("192.168.20.11", 8080, 100))
    fields = recall(remember_group(item))
    assert fields is not None
    told = GroupMemory(fields).moved(("Protocol",), "HTTPS", spelled)
    assert (told.git, told.reality) == (True, moved)

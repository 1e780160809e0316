"""Which live group is taken for ours although its tags are gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitopsd.diff import compare_target
from gitopsd.model.comparison import GroupComparison
from gitopsd.model.observed import ObservedGroup
from gitopsd.model.ownership import GROUP, INSTANCE, RELEASED, SHAPE, TARGET
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Cause
from tests.unit.build import (
    OWNER,
    found,
    group,
    ingress,
    live,
    live_group,
    member,
    wanted,
)
from tests.unit.diff.test_groups import TODAY, A

ITEM = group("warehouse", A)
MENU = ingress(groups=[ITEM.identity])
OURS = live_group(ITEM, "sgp-one")


def bare(
    *, name: bool = True, members: bool = True, group_id: str = "sgp-one", **tags: str
) -> ObservedGroup:
    """A group without tags: of our name or another, with members that say they are ours or not."""
    attributes = OURS.attributes if name else {**OURS.attributes, "ServerGroupName": "other"}
    mark = OWNER.member_description if members else RELEASED
    kept = (member(A[0], A[1], A[2], mark),)
    return replace(OURS, id=group_id, attributes=attributes, tags=tags, members=kept)


def compared(*strays: ObservedGroup, named: str | None = None) -> GroupComparison:
    things = [live(MENU, {ITEM.identity: named})] if named else []
    observed = found(*things, strays=strays)
    return compare_target(wanted(ITEM, MENU), observed, OWNER, today=TODAY).groups[0]


@pytest.mark.parametrize(
    ("stray", "named", "taken"),
    [
        (bare(), None, True),
        (bare(name=False), "sgp-one", True),
        (bare(members=False), "sgp-one", True),
        (bare(members=False), None, False),  # one that was released
        (bare(name=False), None, False),  # members moved elsewhere by hand
        (bare(name=False, members=False), "sgp-one", False),  # Git took the group of others out
        (bare(members=False, **{SHAPE: "x"}), None, True),
        (bare(**{TARGET: "another"}), None, False),  # the same spec, at another target
        (bare(**{INSTANCE: "another"}), None, False),
        (bare(**{"ack.aliyun.com": "c1"}), "sgp-one", False),
        (replace(bare(), product="NLB"), None, False),
    ],
)
def test_two_signs_are_enough_and_one_is_not(
    stray: ObservedGroup, named: str | None, taken: bool
) -> None:
    result = compared(stray, named=named)
    assert result.stripped is taken
    assert (result.current is stray) is taken


def test_a_stray_is_drift_by_its_tags_and_keeps_serving_under_its_id() -> None:
    observed = found(strays=(bare(),))
    whole = compare_target(wanted(ITEM, MENU), observed, OWNER, today=TODAY)
    assert whole.ids == {ITEM.identity: "sgp-one"}
    causes = {(d.cause, d.reason) for d in whole.groups[0].differences}
    assert causes == {(Cause.DRIFT, Reason.STAMP)}


def test_ours_without_the_tag_that_names_its_spec_is_a_stray_too() -> None:
    nameless = replace(OURS, tags={k: v for k, v in OURS.tags.items() if k != GROUP})
    observed = found(nameless)
    (result,) = compare_target(wanted(ITEM), observed, OWNER, today=TODAY).groups
    assert result.stripped
    assert [d.path for d in result.differences] == [f"tags[{GROUP}]"]


def test_two_that_look_alike_are_left_to_a_person() -> None:
    result = compared(bare(group_id="sgp-a"), bare(group_id="sgp-b"))
    assert "sgp-a and sgp-b" in result.conflict
    assert compared(bare(group_id="sgp-a"), bare(group_id="sgp-b"), named="sgp-b").conflict == ""


def test_one_that_now_names_another_owner_is_refused_where_our_ingress_names_it() -> None:
    result = compared(bare(**{INSTANCE: "another"}), named="sgp-one")
    assert "belongs to another gitopsd (gitopsd.io/instance=another)" in result.conflict


def test_a_stray_of_another_shape_is_refused() -> None:
    other = replace(bare(), attributes={**OURS.attributes, "Protocol": "HTTPS"})
    assert "another type, protocol or VPC" in compared(other).conflict

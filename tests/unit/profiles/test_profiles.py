from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from gitopsd.model.ownership import TAGS
from gitopsd.profiles import annotations, servergroups
from gitopsd.profiles.albrules import covering_conditions, covering_hosts, path_conditions
from gitopsd.profiles.defaults import chosen_targets, group_type
from gitopsd.profiles.kubernetes import CLOSED_ANNOTATIONS, CONTROLLER_LABELS
from gitopsd.profiles.names import GROUP_ID, MASKED_GROUP_ID, group_name, server_type
from gitopsd.profiles.placement import NEEDS, Need, cell
from gitopsd.spec.model import HealthCheck, NetworkPlugin, Placement


def test_every_cell_of_the_table_of_placements_is_there() -> None:
    words = product(("CLB", "NLB"), get_args(Placement), get_args(NetworkPlugin))
    cells = [cell(*word) for word in words]
    assert len(cells) == 24
    assert sum(bool(found.refusal) for found in cells) == 6


def test_every_need_has_an_effect_on_every_kind_of_backend_that_occurs() -> None:
    words = product(("CLB", "NLB"), get_args(Placement), get_args(NetworkPlugin))
    kinds = {(word[0], cell(*word).backends) for word in words}
    assert kinds == set(NEEDS)
    assert all(set(effects) == set(get_args(Need)) for effects in NEEDS.values())


def test_every_annotation_that_is_written_is_in_a_closed_set() -> None:
    keys = {row.annotation for row in annotations.OPTIONS}
    assert all(key.startswith(CLOSED_ANNOTATIONS) for key in keys)
    named = {
        value
        for name, value in vars(annotations).items()
        if name[0] != "_" and isinstance(value, str) and "kubernetes.io/" in value
        if name.isupper()
    }
    assert named == {key.removesuffix("<route>") for key in keys}


def test_no_mark_of_ours_is_a_label_of_a_controller() -> None:
    assert not CONTROLLER_LABELS & set(TAGS)


@pytest.mark.parametrize("name", ["ALB", "NLB"])
def test_the_default_of_a_choice_is_its_first_word(name: str) -> None:
    assert servergroups.PROTOCOLS[name][0] == servergroups.DEFAULTS[name]["Protocol"]  # type: ignore[index]
    assert servergroups.SCHEDULERS[name][0] == servergroups.DEFAULTS[name]["Scheduler"]  # type: ignore[index]


@pytest.mark.parametrize("name", ["ALB", "NLB"])
def test_every_setting_of_a_health_check_has_a_name_and_a_default(name: str) -> None:
    facts = servergroups.HEALTH_CHECKS[name]  # type: ignore[index]
    assert set(facts.fields) == set(HealthCheck.model_fields) - {"enabled"}
    defaults = servergroups.DEFAULTS[name]["HealthCheckConfig"]  # type: ignore[index]
    assert set(facts.fields.values()) <= set(defaults)


def test_sets_of_attributes_name_attributes_that_exist() -> None:
    known = set()
    for defaults in servergroups.DEFAULTS.values():
        known |= set(defaults) | set(defaults["HealthCheckConfig"]) | {"VpcId"}
    assert known >= servergroups.CASELESS | servergroups.UNORDERED


@pytest.mark.parametrize(
    ("path", "kind", "expected"),
    [
        ("/", "Prefix", ("/*",)),
        ("/a", "Prefix", ("/a", "/a/*")),
        ("/a/", "Prefix", ("/a", "/a/*")),
        ("/a/", "Exact", ("/a/",)),
        ("/", "Exact", ("/",)),
        ("/a*", "ImplementationSpecific", ("/a*",)),
    ],
)
def test_a_path_becomes_the_conditions_that_the_controller_makes_of_it(
    path: str, kind: str, expected: tuple[str, ...]
) -> None:
    assert path_conditions(path, kind) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("/a/b", ["/a/b", "/a/*", "/*"]),
        ("/a/b/*", ["/a/b/*", "/a/*", "/*"]),
        ("/a/", ["/a/", "/a/*", "/*"]),
        ("/a*/b", ["/a*/b", "/*"]),
        ("/*", ["/*"]),
        ("/", ["/", "/*"]),
    ],
)
def test_a_condition_is_covered_by_itself_and_what_is_for_the_folders_above_it(
    condition: str, expected: list[str]
) -> None:
    assert list(covering_conditions(condition)) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("a.b.com", ["a.b.com", "*.b.com", "*.com", ""]),
        ("*.b.com", ["*.b.com", "*.b.com", "*.com", ""]),
        (None, [""]),
    ],
)
def test_a_host_is_covered_by_itself_the_wildcards_above_it_and_any(
    host: str | None, expected: list[str]
) -> None:
    assert list(covering_hosts(host)) == expected


def test_ids_of_groups_are_told_from_masked_ones() -> None:
    assert GROUP_ID.fullmatch("sgp-slygpbvm2cydo")
    assert not GROUP_ID.fullmatch("sgp-slygpbvm2cydo*****")
    assert MASKED_GROUP_ID.fullmatch("sgp-slygpbvm2cydo*****")


def test_a_long_group_name_is_cut_and_stays_unlike_others() -> None:
    first, second = (group_name("i", "n" * 63, "x" * 62 + end) for end in "ab")
    assert group_name("i", "n", "x") == "gitopsd-i-n-x"
    assert (len(first), len(second)) == (128, 128)
    assert first != second


def test_a_member_is_of_the_kind_that_its_id_tells() -> None:
    assert [server_type(i) for i in ("i-1", "eci-1", "eni-1", "odd")] == [
        "Ecs", "Eci", "Eni", "Ecs",
    ]  # fmt: skip


def test_targets_left_out_mean_the_only_one() -> None:
    assert chosen_targets(None, ["a"]) == ("a",)
    assert chosen_targets(None, ["a", "b"]) == ()
    assert chosen_targets(["b", "x", "b"], ["a", "b"]) == ("b",)


def test_the_type_of_a_group_follows_its_servers() -> None:
    assert group_type("SameVPC", by_instance=True, servers=1) == "Instance"
    assert group_type("SameVPC", by_instance=False, servers=1) == "Ip"
    assert group_type("SameVPC", by_instance=False, servers=0) == "Instance"
    assert group_type("OnPremises", by_instance=False, servers=0) == "Ip"

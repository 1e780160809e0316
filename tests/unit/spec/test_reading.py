"""A whole repository: identities, what is held, what is ignored, and the Fleet."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gitopsd
from gitopsd.model.identity import Identity
from gitopsd.model.position import Position
from gitopsd.spec.contents import SpecCache
from gitopsd.spec.reading import read_specs
from tests.unit.spec.sources import (
    FLEET,
    HEAD,
    Memory,
    exposure,
    ids,
    only,
    read,
    server_group,
)

LAWS = settings(deadline=None, derandomize=True)

TEA = Identity("Exposure", "shop", "tea")
WAREHOUSE = Identity("ServerGroup", "shop", "warehouse")


def test_documents_are_found_by_identity_wherever_they_stand() -> None:
    files = {"fleet.yaml": FLEET, "a/b/c.yml": f"{server_group()}---\n{exposure()}"}
    specs = read_specs(Memory(files))
    assert specs.fleet is not None
    assert specs.fleet.identity == Identity("Fleet", "", "acme")
    assert specs.exposures.keys() == {TEA}
    assert specs.server_groups.keys() == {WAREHOUSE}
    assert specs.problems == ()
    assert specs.files == 2
    assert specs.exposures[TEA].where("spec", "loadBalancer", "type") == Position(
        "a/b/c.yml", 10, 24
    )


def test_what_was_not_written_stands_where_its_parent_stands() -> None:
    document = read(a=exposure()).exposures[TEA]
    assert document.where("spec", "loadBalancer", "scheme") == Position("a.yaml", 5, 17)
    assert document.where("spec", "routes", 0, "name") == Position("a.yaml", 5, 3)


def test_documents_of_other_groups_are_counted_and_left_alone() -> None:
    other = "apiVersion: v1\nkind: ConfigMap\na: &x NO\na: *x\n"
    specs = read(a=f"{other}---\n{exposure()}---\n{other}")
    assert specs.ignored == 2
    assert specs.problems == ()
    assert specs.exposures.keys() == {TEA}


def test_a_document_without_api_version_is_an_error_and_cannot_be_identified() -> None:
    specs = read(a="services:\n  web: {}\n")
    assert ids(specs.problems) == ["GX0020"]
    assert specs.unidentified == ("a.yaml",)


def test_a_document_that_only_lacks_its_api_version_is_held() -> None:
    specs = read(a=exposure().replace("apiVersion", "apiversion"))
    problem = only(specs.problems)
    assert (problem.id, problem.mend) == ("GX0020", "Did you mean apiVersion?")
    assert specs.held == {TEA}
    assert specs.unidentified == ()


def test_an_unknown_version_names_who_reads_what_and_its_form_is_not_judged() -> None:
    text = exposure(spec="  new: {thing: 1}\n").replace("v1alpha1", "v2")
    problem = only(read(a=text).problems)
    assert problem.id == "GX0021"
    assert f"this gitopsd ({gitopsd.__version__}) reads gitopsd.io/v1alpha1" in problem.what
    assert read(a=text).held == {TEA}


def test_a_misspelt_group_is_an_error_and_not_a_stranger() -> None:
    specs = read(a=exposure().replace("gitopsd.io", "gitops.io"))
    assert ids(specs.problems) == ["GX0022"]
    assert specs.held == {TEA}
    assert specs.ignored == 0


@pytest.mark.parametrize("version", ["v1alpha1", "/v1alpha1", "v1", '"-"', ".inf"])
@pytest.mark.parametrize("kind", ["Exposure", "ServerGroup"])
def test_one_of_our_kinds_without_a_group_is_an_error_and_held(kind: str, version: str) -> None:
    text = exposure() if kind == "Exposure" else server_group()
    specs = read(a=text.replace("gitopsd.io/v1alpha1", version))
    assert "GX0022" in ids(specs.problems)
    assert specs.held == {Identity(kind, "shop", "tea" if kind == "Exposure" else "warehouse")}
    assert specs.ignored == 0


def test_a_fleet_without_a_group_is_an_error() -> None:
    specs = read(a="apiVersion: v1\nkind: Fleet\nmetadata: {name: acme}\nspec: {targets: []}\n")
    assert "GX0022" in ids(specs.problems)
    assert specs.ignored == 0


@pytest.mark.parametrize(
    "version", ["v1alpha1", "V1Alpha1", "v1", "gitopsd.i/v1alpha1", "v1alpha1/gitopsd.io"]
)
@pytest.mark.parametrize("kind", ["exposure", "Exposures", "ServerGroups", "servergroup"])
def test_a_slip_in_the_group_and_one_in_the_kind_still_hold_what_the_document_could_be(
    version: str, kind: str
) -> None:
    text = exposure().replace("gitopsd.io/v1alpha1", version).replace("Exposure", kind)
    specs = read(a=text)
    assert {"GX0022", "GX0023"} == set(ids(specs.problems))
    assert specs.held == {TEA, Identity("ServerGroup", "shop", "tea")}
    assert specs.ignored == 0


@pytest.mark.parametrize("kind", ["kind: Foo", "knd: Exposure", "kind: 7"])
def test_our_version_without_a_group_is_ours_whatever_its_kind_is(kind: str) -> None:
    text = exposure().replace("gitopsd.io/v1alpha1", "v1alpha1").replace("kind: Exposure", kind)
    specs = read(a=text)
    assert "GX0022" in ids(specs.problems)
    assert specs.held == {TEA, Identity("ServerGroup", "shop", "tea")}


@pytest.mark.parametrize(
    "kind",
    [
        "Binding",
        "ComponentStatus",
        "ConfigMap",
        "Endpoints",
        "Event",
        "LimitRange",
        "List",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Pod",
        "PodTemplate",
        "ReplicationController",
        "ResourceQuota",
        "Secret",
        "Service",
        "ServiceAccount",
    ],
)
def test_no_kind_of_the_core_group_is_taken_for_one_of_ours(kind: str) -> None:
    specs = read(a=f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\n")
    assert (specs.problems, specs.ignored) == ((), 1)


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v2\nname: chart\nversion: 1.0.0\n",  # of Helm
        "apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: log\nurl: tcp://192.0.2.1\n",  # Talos
        "apiVersion: templates.gitops.io/v1\nkind: Template\nmetadata: {name: a}\n",
    ],
)
def test_documents_of_other_programs_are_passed_over(text: str) -> None:
    specs = read(a=text)
    assert (specs.problems, specs.ignored) == ((), 1)


def test_a_stranger_with_a_kind_like_ours_is_a_stranger() -> None:
    specs = read(a=exposure().replace("gitopsd.io", "example.com"))
    assert (specs.problems, specs.ignored) == ((), 1)


def test_a_kind_in_the_wrong_case_names_the_right_one_and_holds_what_it_could_be() -> None:
    specs = read(a=exposure().replace("kind: Exposure", "kind: exposure"))
    problem = only(specs.problems)
    assert (problem.id, problem.mend) == ("GX0023", "Did you mean Exposure?")
    assert specs.held == {TEA, Identity("ServerGroup", "shop", "tea")}


def test_a_right_document_is_held_with_the_doubtful_one_of_its_name() -> None:
    specs = read(a=exposure(), b=exposure().replace("kind: Exposure", "kind: exposure"))
    assert TEA in specs.held
    assert specs.exposures == {}


@pytest.mark.parametrize(
    ("name", "mend"), [("Tea", "tea"), ("tea_shop", "tea-shop"), ("tea-", "tea"), ("x" * 64, "")]
)
def test_a_name_must_be_a_dns_label(name: str, mend: str) -> None:
    specs = read(a=exposure(name))
    problem = only(specs.problems)
    assert problem.id == "GX0024"
    assert not mend or problem.mend == f"Did you mean {mend}?"
    assert specs.unidentified == ("a.yaml",)


@pytest.mark.parametrize(
    ("old", "new", "mend"),
    [
        ("metadata:", "meta-data:", "Did you mean metadata?"),
        ("{name:", "{Name:", "Did you mean name?"),
        ("spec:", "specs:", "Did you mean spec?"),
        ("kind:", "Kind:", "Did you mean kind?"),
    ],
)
def test_a_misspelt_part_of_the_outside_is_told_once(old: str, new: str, mend: str) -> None:
    assert only(read(a=exposure().replace(old, new)).problems).mend == mend


def test_a_number_is_no_name() -> None:
    assert "number 5" in only(read(a=exposure("5")).problems).what


def test_a_namespace_may_start_with_a_digit_and_a_name_may_not() -> None:
    assert read(a=exposure(namespace="1-shop")).problems == ()
    assert ids(read(a=exposure("1-tea")).problems) == ["GX0024"]


@pytest.mark.parametrize(
    ("old", "new", "id_"),
    [
        (", namespace: shop", "", "GX0025"),
        ("namespace: shop", "namespace: Shop", "GX0025"),
        ("{name: tea, namespace: shop}", "tea", "GX0033"),
        ("metadata: {name: tea, namespace: shop}\n", "", "GX0024"),
        ("name: tea, ", "", "GX0024"),
        ("name: tea", "name: tea, name: tee", "GX0005"),
        ("name: tea", "name: &x tea", "GX0006"),
        ("kind: Exposure", "kind: Exposure\nkind: ServerGroup", "GX0005"),
        ("namespace: shop", "namespace: ~", "GX0025"),
    ],
)
def test_a_document_without_a_certain_identity_makes_its_file_unidentified(
    old: str, new: str, id_: str
) -> None:
    specs = read(a=exposure().replace(old, new), b=server_group())
    assert ids(specs.problems) == [id_]
    assert specs.unidentified == ("a.yaml",)
    assert specs.server_groups.keys() == {WAREHOUSE}


def test_a_document_with_an_error_is_held_and_the_others_go_on() -> None:
    specs = read(a=f"{exposure(spec='  nothing: 1')}\n---\n{server_group()}")
    assert specs.held == {TEA}
    assert specs.exposures == {}
    assert specs.server_groups.keys() == {WAREHOUSE}
    assert all(problem.subject == TEA for problem in specs.problems)


def test_two_documents_of_one_identity_are_both_held_and_name_each_other() -> None:
    specs = read(a=exposure(), b=f"---\n{exposure()}")
    assert [(p.id, str(p.position)) for p in specs.problems] == [
        ("GX0026", "a.yaml:1:1"),
        ("GX0026", "b.yaml:2:1"),
    ]
    assert "b.yaml:2:1" in specs.problems[0].what
    assert "a.yaml:1:1" in specs.problems[1].what
    assert specs.held == {TEA}
    assert specs.exposures == {}


def test_a_copy_with_an_error_holds_the_right_one_too() -> None:
    specs = read(a=exposure(), b=exposure(spec="  nothing: 1\n"))
    assert ids(specs.problems).count("GX0026") == 2
    assert specs.held == {TEA}
    assert specs.exposures == {}


def test_one_name_may_stand_for_two_kinds_and_in_two_namespaces() -> None:
    specs = read(a=exposure(), b=server_group("tea"), c=exposure(namespace="other"))
    assert specs.problems == ()
    assert len(specs.exposures) == 2


def test_after_a_syntax_error_the_file_is_unidentified_and_what_came_before_counts() -> None:
    specs = read(a=f"{exposure()}---\n{HEAD}kind: [\n")
    assert specs.exposures.keys() == {TEA}
    assert specs.unidentified == ("a.yaml",)


def test_a_file_above_the_limit_is_unidentified() -> None:
    specs = read(a=None)
    assert ids(specs.problems) == ["GX0002"]
    assert str(specs.problems[0].position) == "a.yaml:1:1"
    assert specs.unidentified == ("a.yaml",)


def test_a_document_that_is_nested_without_end_is_held_by_what_came_before() -> None:
    specs = read(a=exposure(spec="  loadBalancer: " + "[" * 60_000))
    assert ids(specs.problems) == ["GX0008"]
    assert specs.held == {TEA}
    assert specs.unidentified == ("a.yaml",)


def test_an_entry_that_is_not_followed_is_told_and_a_yaml_file_among_them_is_an_error() -> None:
    skipped = (("envs", "it is a symbolic link"), ("x.yaml", "it is not a regular file"))
    specs = read_specs(Memory({"fleet.yaml": FLEET}, skipped))
    assert [(p.id, p.is_error) for p in specs.problems] == [("GX0013", False), ("GX0013", True)]
    assert specs.unread == ("envs", "x.yaml")
    assert not any("ubmodule" in p.why + p.mend for p in specs.problems)


def test_files_are_named_by_their_path_within_the_repository() -> None:
    files = {"fleet.yaml": FLEET, "a.yaml": exposure(), "b.yaml": "a: [", "c/fleet.yaml": FLEET}
    specs = read_specs(Memory(files, (("link", "it is a symbolic link"),), folder="env/prod"))
    assert specs.fleet is not None
    assert specs.fleet.file == "env/prod/fleet.yaml"
    assert specs.exposures[TEA].where("spec").file == "env/prod/a.yaml"
    assert specs.unidentified == ("env/prod/b.yaml",)
    assert specs.unread == ("env/prod/link",)
    assert [str(p.position) for p in specs.problems] == [
        "env/prod/b.yaml:1:5",
        "env/prod/c/fleet.yaml:1:1",
        "env/prod/link",
    ]
    missing = read_specs(Memory({"a.yaml": exposure()}, folder="env/prod"))
    assert only(missing.problems).what == "There is no env/prod/fleet.yaml."


# --- the fleet --------------------------------------------------------------------------------


def test_a_repository_without_fleet_is_told_so() -> None:
    specs = read_specs(Memory({"a.yaml": exposure()}))
    assert specs.fleet is None
    assert ids(specs.problems) == ["GX0040"]


def test_an_empty_repository_is_a_problem_of_its_own() -> None:
    specs = read_specs(Memory({}))
    assert specs.fleet is None
    assert ids(specs.problems) == ["GX0043"]


def test_a_fleet_elsewhere_is_an_error_and_the_one_at_the_root_counts() -> None:
    specs = read_specs(Memory({"fleet.yaml": FLEET, "b/fleet.yaml": FLEET, "c.yaml": FLEET}))
    assert [(p.id, str(p.position)) for p in specs.problems] == [
        ("GX0042", "b/fleet.yaml:1:1"),
        ("GX0042", "c.yaml:1:1"),
    ]
    assert specs.fleet is not None
    assert specs.held == frozenset()


def test_two_fleets_in_one_file_are_none() -> None:
    specs = read_specs(Memory({"fleet.yaml": f"{FLEET}---\n{FLEET}"}))
    assert specs.fleet is None
    assert ids(specs.problems) == ["GX0041", "GX0041"]


@pytest.mark.parametrize(
    "text",
    [
        FLEET.replace("region", "regio"),
        FLEET + "  targets: []\n",
        "a: [",
        FLEET.replace("v1alpha1", "v9"),
        f"{FLEET}---\na: [",
        f"{FLEET}---\na: 1\n",
        f"{FLEET}---\n{exposure('Tea')}",
        FLEET.replace("kind: Fleet", "kind: fleet"),
    ],
)
def test_a_bad_fleet_is_no_fleet_and_its_own_errors_say_why(text: str) -> None:
    specs = read_specs(Memory({"fleet.yaml": text, "a.yaml": exposure()}))
    assert specs.fleet is None
    assert specs.problems
    assert not {"GX0040", "GX0043"} & set(ids(specs.problems))
    assert all(p.position and p.position.file == "fleet.yaml" for p in specs.problems)


def test_a_namespace_of_a_fleet_is_ignored_with_a_warning() -> None:
    text = FLEET.replace("name: acme", "name: acme, namespace: x")
    specs = read_specs(Memory({"fleet.yaml": text}))
    assert [(p.id, p.is_error) for p in specs.problems] == [("GX0027", False)]
    assert specs.fleet is not None
    assert specs.fleet.identity == Identity("Fleet", "", "acme")


def test_a_fleet_file_without_a_fleet_is_told_so() -> None:
    problem = only(read_specs(Memory({"fleet.yaml": exposure()})).problems)
    assert (problem.id, problem.position) == ("GX0040", Position("fleet.yaml"))


def test_other_documents_may_stand_beside_the_fleet() -> None:
    specs = read_specs(Memory({"fleet.yaml": f"{exposure()}---\n{FLEET}"}))
    assert specs.fleet is not None
    assert specs.exposures.keys() == {TEA}


# --- the cache --------------------------------------------------------------------------------


def test_contents_that_were_read_before_are_not_asked_for_again() -> None:
    cache = SpecCache()
    first = read_specs(Memory({"fleet.yaml": FLEET, "a.yaml": exposure()}), cache)
    moved = Memory({"fleet.yaml": FLEET, "b/moved.yaml": exposure(), "c.yaml": exposure("new")})
    second = read_specs(moved, cache)
    assert len(moved.asked) == 1
    assert second.exposures[TEA].file == "b/moved.yaml"
    assert second.exposures[TEA].spec is first.exposures[TEA].spec


def test_problems_move_with_their_file() -> None:
    cache = SpecCache()
    bad = exposure(spec="  nothing: 1\n")
    read_specs(Memory({"fleet.yaml": FLEET, "a.yaml": bad}), cache)
    specs = read_specs(Memory({"fleet.yaml": FLEET, "z.yaml": bad}), cache)
    assert {p.position.file for p in specs.problems if p.position} == {"z.yaml"}


def test_the_cache_forgets_what_the_repository_no_longer_holds() -> None:
    cache = SpecCache()
    read_specs(Memory({"fleet.yaml": FLEET, "a.yaml": exposure()}), cache)
    read_specs(Memory({"fleet.yaml": FLEET}), cache)
    assert len(cache) == 1


_TEXTS = [exposure(), exposure("coffee"), server_group(), exposure(spec="  bad: 1\n"), "a: [", "x"]


@LAWS
@given(st.permutations(_TEXTS), st.permutations(range(6)))
def test_neither_the_order_of_files_nor_that_of_their_names_matters(
    texts: list[str], order: list[int]
) -> None:
    names = {text: f"{index}.yaml" for index, text in enumerate(_TEXTS)}
    files = {names[text]: text for text in texts}
    expected = read_specs(Memory({"fleet.yaml": FLEET, **dict(sorted(files.items()))}))
    assert read_specs(Memory({**files, "fleet.yaml": FLEET})) == expected
    renamed = {f"{place}.yaml": _TEXTS[index] for index, place in enumerate(order)}
    other = read_specs(Memory({"fleet.yaml": FLEET, **renamed}))
    assert other.held == expected.held
    assert other.server_groups.keys() == expected.server_groups.keys()
    assert sorted(ids(other.problems)) == sorted(ids(expected.problems))

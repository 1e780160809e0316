"""Laws of the small parts: explaining, owning, masking, paths, digests."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.diff.explain import deltas, note
from gitopsd.diff.modes import mode_of
from gitopsd.diff.ownership import holds
from gitopsd.model.desired import DriftPolicy, ModeSpan
from gitopsd.model.digest import digest
from gitopsd.model.identity import Identity
from gitopsd.model.paths import join, within

JSON = st.recursive(
    st.booleans() | st.integers(2, 2**53) | st.text(max_size=5),  # Python holds 1 == True
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON)
def test_a_value_never_differs_from_itself(value: Any) -> None:
    assert deltas(value, value) == ()


@given(st.dictionaries(st.text(max_size=4), JSON), st.dictionaries(st.text(max_size=4), JSON))
def test_two_values_are_explained_exactly_when_they_are_unequal(a: Any, b: Any) -> None:
    assert bool(deltas(a, b)) == (a != b)


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4))
def test_a_digest_does_not_see_the_order_of_keys(value: dict[str, Any]) -> None:
    assert digest(value) == digest(dict(reversed(value.items())))


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("spec", "ports", "443/TCP", "name"), "spec.ports[443/TCP].name"),
        (("metadata", "annotations", "a.b/c"), "metadata.annotations[a.b/c]"),
        (("spec", "rules", 0, "host"), "spec.rules[0].host"),
        ((), ""),
    ],
)
def test_paths_read_as_people_write_them(parts: tuple[str | int, ...], text: str) -> None:
    assert join(parts) == text


@pytest.mark.parametrize(
    ("path", "parent", "expected"),
    [
        ("spec.ports[443/TCP].name", "spec.ports", True),
        ("spec.portsOfCall", "spec.ports", False),
        ("spec.ports", "spec.ports", True),
        ("spec", "spec.ports", False),
        ("anything", "", True),
    ],
)
def test_a_path_lies_within_its_parents_only(path: str, parent: str, expected: bool) -> None:
    assert within(path, parent) is expected


PORT = 'k:{"port":443,"protocol":"TCP"}'


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("spec", "ports", "443/TCP", "name"), True),
        (("spec", "ports", "80/TCP", "name"), False),
        (("spec", "ports", "443/TCP", "targetPort"), False),
        (("spec", "selector", "app"), True),
        (("metadata", "annotations", "a.b/c"), True),
        (("metadata", "annotations", "a.b/d"), False),
    ],
)
def test_field_sets_tell_who_holds_a_path(keys: tuple[str, ...], expected: bool) -> None:
    fields = {
        "f:spec": {"f:ports": {".": {}, PORT: {".": {}, "f:name": {}}}, "f:selector": {}},
        "f:metadata": {"f:annotations": {".": {}, "f:a.b/c": {}}},
    }
    assert holds({"fieldsV1": fields}, keys) is expected


def test_the_longest_path_decides_the_mode() -> None:
    policy = DriftPolicy(
        "Correct",
        (ModeSpan("Service/spec", "Report"), ModeSpan("Service/spec.ports", "Ignore")),
    )
    day = date(2026, 11, 22)
    assert mode_of(policy, "Service", "spec.ports[80/TCP].name", day) == "Ignore"
    assert mode_of(policy, "Service", "spec.type", day) == "Report"
    assert mode_of(policy, "Ingress", "spec.rules", day) == "Correct"


def test_a_broken_action_is_told_by_its_values_alone() -> None:
    assert note("metadata.annotations[alb.ingress.kubernetes.io/actions.x]", "{", "[]") == ""


@pytest.mark.parametrize("text", ["Service/shop", "Service/shop/", "a/b/c/d", ""])
def test_an_identity_is_three_names(text: str) -> None:
    with pytest.raises(ValueError, match="KIND/NAMESPACE/NAME"):
        Identity.parse(text)


def test_mappings_without_a_common_key_are_explained_key_by_key() -> None:
    found = deltas({"ports": {"9000/TCP": {"port": 9000}}}, {"ports": {"80/TCP": {"port": 80}}})
    assert [delta.path for delta in found] == ["ports[80/TCP]", "ports[9000/TCP]"]

"""What holds for every input of the loader and of typing."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from gitopsd.model.problem import Problem
from gitopsd.spec.contents import Contents, read_contents
from gitopsd.spec.problems import READING
from gitopsd.spec.schema import kind_schema
from gitopsd.spec.yaml import load

LAWS = settings(deadline=None, derandomize=True)

_PRINTABLE = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff"
    ),
    max_size=8,
)
_LEAVES = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | _PRINTABLE
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_PRINTABLE, inner, max_size=4),
    max_leaves=12,
)
_YAML_LIKE = st.text(st.sampled_from("ab:- \n\t[]{},&*!?|>'\"#%@`~1.0\\"), max_size=200)

_DOCUMENT: dict[str, Any] = {
    "apiVersion": "gitopsd.io/v1alpha1",
    "kind": "Exposure",
    "metadata": {"name": "tea", "namespace": "shop"},
    "spec": {
        "targets": ["edge"],
        "loadBalancer": {"type": "ALB", "scheme": None},
        "pods": {"selector": {"app": "tea"}},
        "ports": [{"port": 80, "targetPort": 8080, "protocol": "TCP"}],
        "sessionPersistence": {"timeoutSeconds": 5},
        "routes": [{"name": "r", "backends": [{"service": "s", "port": 80, "weight": 1}]}],
        "drift": {"mode": "Report", "ignore": [{"path": "x", "until": "2027-01-31"}]},
    },
}


def problems_of(contents: Contents) -> list[Problem]:
    return [*contents.problems, *(p for found in contents.found for p in found.problems)]


def check(content: bytes) -> None:
    lines = content.decode("utf-8", "replace").count("\n") + 1
    contents = read_contents(content)
    broken = any(problem.is_error for problem in contents.problems)
    for found in contents.found:
        told = broken or any(problem.is_error for problem in found.problems)
        assert told if found.spec is None else not any(p.is_error for p in found.problems)
    for problem in problems_of(contents):
        assert problem.id in READING
        assert problem.position is not None
        assert problem.position.file == ""
        assert 0 <= problem.position.line <= lines


@LAWS
@given(st.binary(max_size=400))
def test_no_bytes_make_reading_fail(content: bytes) -> None:
    check(content)


@LAWS
@given(_YAML_LIKE)
def test_no_text_that_looks_like_yaml_makes_reading_fail(text: str) -> None:
    check(text.encode())


@LAWS
@given(_JSON)
def test_json_is_read_as_json_reads_it(value: Any) -> None:
    file = load(json.dumps(value, ensure_ascii=False).encode())
    assert file.complete
    assert [d.value for d in file.documents] == ([] if value is None else [value])


@LAWS
@given(st.dictionaries(_PRINTABLE, _JSON, min_size=1, max_size=4), st.integers(0, 2))
def test_places_point_at_what_they_name(value: dict[str, Any], indent: int) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent or None)
    lines = text.split("\n")
    (document,) = load(text.encode()).documents
    for path, (line, column) in document.keys.items():
        assert lines[line - 1][column - 1 :].startswith(json.dumps(path[-1], ensure_ascii=False))
    for path, (line, column) in document.values.items():
        here: Any = value
        for part in path:
            here = here[part]
        start = "{" if isinstance(here, dict) else "[" if isinstance(here, list) else None
        expected = start or json.dumps(here, ensure_ascii=False)
        assert lines[line - 1][column - 1 :].startswith(expected)


@LAWS
@given(st.data())
def test_no_value_anywhere_in_a_document_makes_typing_fail(data: st.DataObject) -> None:
    document = edited(data, _DOCUMENT)
    check(json.dumps(document, ensure_ascii=False, indent=1).encode())


def edited(data: st.DataObject, original: dict[str, Any]) -> dict[str, Any]:
    """The document with a few values, anywhere in it, replaced or added."""
    document = copy.deepcopy(original)
    for _ in range(data.draw(st.integers(1, 3))):
        here: Any = document
        while True:
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            key = data.draw(st.sampled_from(keys)) if keys else None
            inner = here[key] if key is not None else None
            if not isinstance(inner, dict | list) or data.draw(st.booleans()):
                break
            here = inner
        if isinstance(here, dict) and (key is None or data.draw(st.booleans())):
            here[data.draw(_PRINTABLE)] = data.draw(_JSON)
        elif key is not None:
            here[key] = data.draw(_JSON)
    return document


_ODD = st.sampled_from(
    [None, {}, [], True, 0, 80.0, 80.5, 10**18, 10**30, 101, "", "edge\n", "tea", "Auto", "x" * 64,
     "2027-01-31", "2027-1-5", "2027-02-30", "2027-01-31\n", {"a": None}, {"a": 1.0}, [None]]
)  # fmt: skip
_VALIDATORS = {
    kind: Draft202012Validator(kind_schema(kind), format_checker=FormatChecker(["date"]))
    for kind in ("Exposure", "Fleet", "ServerGroup")
}
_FLEET: dict[str, Any] = {
    "apiVersion": "gitopsd.io/v1alpha1",
    "kind": "Fleet",
    "metadata": {"name": "acme"},
    "spec": {
        "targets": [
            {"name": "edge", "region": "r", "networkPlugin": "Terway",
             "albs": [{"ingressClass": "a"}], "vpc": {"id": "v", "cidrs": ["10.0.0.0/8"]},
             "nodes": {"cloudLabel": "a=b"}}
        ],
        "guards": {"maxDeletes": 3},
    },
}  # fmt: skip
_GROUP: dict[str, Any] = {
    "apiVersion": "gitopsd.io/v1alpha1",
    "kind": "ServerGroup",
    "metadata": {"name": "warehouse", "namespace": "shop"},
    "spec": {
        "product": "ALB",
        "location": "OnPremises",
        "protocol": "HTTP",
        "healthCheck": {"enabled": True, "intervalSeconds": 5, "codes": ["http_2xx"]},
        "servers": [{"ip": "10.0.0.1", "port": 80, "weight": 1}],
    },
}


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every mapping or list of a document with each of its keys."""
    keys: Any = list(value) if isinstance(value, dict) else range(len(value))
    found = [(value, key) for key in keys]
    for key in keys:
        if isinstance(value[key], dict | list):
            found += _places(value[key])
    return found


@settings(deadline=None, derandomize=True, max_examples=400)
@given(st.sampled_from([_DOCUMENT, _FLEET, _GROUP]), st.data())
def test_the_schema_refuses_what_reading_refuses_and_nothing_else(
    original: dict[str, Any], data: st.DataObject
) -> None:
    document = copy.deepcopy(original)
    places = [(at, key) for at, key in _places(document) if key not in ("apiVersion", "kind")]
    here, key = data.draw(st.sampled_from(places))
    here[key] = data.draw(_ODD)
    if document["spec"] is None or not document["metadata"]:
        return  # nothing is left to compare
    (found,) = read_contents(json.dumps(document).encode()).found
    accepted = _VALIDATORS[document["kind"]].is_valid(document)
    assert accepted is (found.spec is not None), (found.problems, document)


def test_the_document_of_the_law_above_is_right_as_it_stands() -> None:
    contents = read_contents(json.dumps(_DOCUMENT).encode())
    assert problems_of(contents) == []
    assert contents.found[0].spec is not None

"""The JSON Schemas say what reading accepts."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gitopsd.spec.forms import KINDS
from gitopsd.spec.model import FleetSpec
from gitopsd.spec.schema import DIALECT, combined_schema, kind_schema

SCHEMAS = [*(kind_schema(kind) for kind in KINDS), combined_schema()]


def references(schema: Any) -> set[str]:
    found: set[str] = set()
    if isinstance(schema, dict):
        if "$ref" in schema:
            found.add(schema["$ref"])
        for inner in schema.values():
            found |= references(inner)
    elif isinstance(schema, list):
        for inner in schema:
            found |= references(inner)
    return found


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda s: s["$id"].rpartition(":")[2])
def test_every_reference_leads_to_a_definition_and_every_definition_is_used(
    schema: dict[str, Any],
) -> None:
    assert schema["$schema"] == DIALECT
    assert references(schema) == {f"#/$defs/{name}" for name in schema["$defs"]}


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_is_closed_and_needs_its_four_parts(kind: str) -> None:
    schema = kind_schema(kind)
    assert schema["required"] == ["apiVersion", "kind", "metadata", "spec"]
    assert set(schema["properties"]) == set(schema["required"])
    assert schema["additionalProperties"] is False
    assert schema["properties"]["kind"] == {"const": kind}
    assert schema["properties"]["apiVersion"] == {"enum": ["gitopsd.io/v1alpha1"]}


def test_only_a_fleet_has_no_namespace() -> None:
    names = {k: kind_schema(k)["properties"]["metadata"]["required"] for k in KINDS}
    assert names == {
        "Fleet": ["name"],
        "Exposure": ["name", "namespace"],
        "ServerGroup": ["name", "namespace"],
    }


def test_a_name_ends_where_its_line_does() -> None:
    pattern = kind_schema("Exposure")["properties"]["metadata"]["properties"]["name"]["pattern"]
    assert re.search(pattern, "tea")
    assert not re.search(pattern, "tea\n")


def test_fields_have_the_names_that_users_write() -> None:
    definitions = combined_schema()["$defs"]
    assert "preserveClientIP" in definitions["ExposureSpec"]["properties"]
    assert "targetPort" in definitions["PortSpec"]["properties"]
    assert not [d for d in definitions.values() for name in d.get("properties", {}) if "_" in name]


def test_every_mapping_of_ours_is_closed() -> None:
    for definition in combined_schema()["$defs"].values():
        assert definition["additionalProperties"] is False


def test_the_combined_schema_offers_each_kind() -> None:
    schema = combined_schema()
    kinds = [
        schema["$defs"][option["$ref"].removeprefix("#/$defs/")]["properties"]["kind"]["const"]
        for option in schema["oneOf"]
    ]
    assert kinds == list(KINDS)


def test_schemas_are_the_same_every_time() -> None:
    assert json.dumps(combined_schema()) == json.dumps(combined_schema())
    assert [json.dumps(kind_schema(k)) for k in KINDS] == [json.dumps(s) for s in SCHEMAS[:-1]]


def test_an_unknown_kind_has_no_schema() -> None:
    with pytest.raises(KeyError):
        kind_schema("Secret")


# --- a small validator: what is used of the dialect, checked against what reading accepts -------


def accepts(schema: dict[str, Any], value: Any, root: dict[str, Any]) -> bool:
    if "$ref" in schema:
        return accepts(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], value, root)
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return False
    if "anyOf" in schema:
        return any(accepts(option, value, root) for option in schema["anyOf"])
    if "const" in schema:
        return type(value) is type(schema["const"]) and value == schema["const"]
    if "enum" in schema:
        return value in schema["enum"]
    types: dict[str, Any] = {
        "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
        "integer": int,
    }  # fmt: skip
    if type(value) is not types[schema["type"]]:
        return False
    if isinstance(value, dict):
        known = schema.get("properties", {})
        more = schema.get("additionalProperties") or {"enum": []}
        return (
            set(schema.get("required", ())) <= set(value)
            and len(value) >= schema.get("minProperties", 0)
            and all(accepts(known.get(k, more), v, root) for k, v in value.items())
        )
    if isinstance(value, list):
        enough = len(value) >= schema.get("minItems", 0)
        return enough and all(accepts(schema["items"], entry, root) for entry in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return True


_LAYER_4 = {"loadBalancer": {"type": "CLB"}}


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Exposure", _LAYER_4),
        ("Exposure", {**_LAYER_4, "sessionPersistence": False}),
        ("Exposure", {**_LAYER_4, "sessionPersistence": True}),
        ("Exposure", {**_LAYER_4, "sessionPersistence": {"timeoutSeconds": 5}}),
        ("Exposure", {**_LAYER_4, "ports": [{"port": 80, "targetPort": "web"}]}),
        ("Exposure", {**_LAYER_4, "ports": [{"port": 0}]}),
        ("Exposure", {**_LAYER_4, "ports": [{"port": 80, "Port": 1}]}),
        ("Exposure", {**_LAYER_4, "targets": None, "drift": {"mode": "Report"}}),
        ("Exposure", {**_LAYER_4, "pods": {"selector": {}}}),
        ("Exposure", {**_LAYER_4, "pods": {"selector": {"a": 1}}}),
        ("Exposure", {**_LAYER_4, "pods": None, "trafficPolicy": None, "drift": {"mode": None}}),
        ("Exposure", {**_LAYER_4, "drift": {"ignore": [{"path": "x", "until": "2027-01-31"}]}}),
        ("Exposure", {**_LAYER_4, "drift": {"ignore": [{"path": "x", "until": "soon"}]}}),
        ("Exposure", {"loadBalancer": None}),
        ("Exposure", {}),
        ("ServerGroup", {"product": "ALB", "location": "SameVPC", "protocol": "HTTP"}),
        ("ServerGroup", {"product": "CLB", "location": "SameVPC", "protocol": "HTTP"}),
        ("ServerGroup", {"product": "ALB", "location": "SameVPC", "protocol": "HTTP",
                         "servers": [{"ip": "10.0.0.1", "port": 80, "weight": 101}]}),
        ("Fleet", {"targets": [{"name": "a", "region": "b", "networkPlugin": "Terway"}]}),
        ("Fleet", {"targets": []}),
        ("Fleet", {"targets": [{"name": "a", "region": "b", "network_plugin": "Terway"}]}),
    ],
)  # fmt: skip
def test_the_schema_accepts_a_spec_exactly_when_reading_does(
    kind: str, spec: dict[str, Any]
) -> None:
    schema = kind_schema(kind)
    try:
        KINDS[kind].model_validate(spec, by_alias=True, by_name=False)
        readable = True
    except ValueError:
        readable = False
    assert accepts(schema["properties"]["spec"], spec, schema) is readable


def test_descriptions_of_the_form_reach_the_editor() -> None:
    assert kind_schema("Fleet")["$defs"]["FleetSpec"]["description"] == FleetSpec.__doc__

"""JSON Schema (draft 2020-12) of what users write, for editors and other tools.

Generated from the forms in `model`, so it cannot differ from what is read. It knows one document by
itself; what documents mean to each other is checked by `rules`.
"""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from gitopsd.model.identity import FLEET
from gitopsd.spec.forms import DNS_1035, DNS_1123, KINDS, VERSIONS
from gitopsd.spec.part import exactly

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


class _Plain(GenerateJsonSchema):
    """pydantic's generator without a title on every field: editors show names already."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        """Never."""
        return False


def kind_schema(kind: str) -> Schema:
    """The schema of one kind's documents; raises KeyError for a kind that is none of ours."""
    specs, definitions = _definitions()
    document = _document(kind, specs[kind])
    used = _reachable(document, definitions)
    return {
        "$schema": DIALECT,
        "$id": f"urn:gitopsd.io:v1alpha1:{kind.lower()}",
        **document,
        "$defs": {name: definitions[name] for name in sorted(used)},
    }


def combined_schema() -> Schema:
    """One schema for all kinds, as an editor is given it for every YAML file of a repository."""
    specs, definitions = _definitions()
    documents = {f"{kind}Document": _document(kind, specs[kind]) for kind in KINDS}
    return {
        "$schema": DIALECT,
        "$id": "urn:gitopsd.io:v1alpha1:all",
        "title": "gitopsd config repository",
        "description": "A Fleet, an Exposure or a ServerGroup.",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in documents],
        "$defs": dict(sorted((definitions | documents).items())),
    }


def _definitions() -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The schema of each kind's `spec`, and the definitions that they share."""
    refs, schema = models_json_schema(
        [(form, "validation") for form in KINDS.values()], schema_generator=_Plain
    )
    specs = {kind: refs[(form, "validation")] for kind, form in KINDS.items()}
    definitions = schema["$defs"]
    for definition in definitions.values():
        _let_keys_be_empty(definition)
    return specs, definitions


def _let_keys_be_empty(definition: Schema) -> None:
    """Let null stand for every field that may be left out, as reading does."""
    required = definition.get("required", ())
    for name, schema in definition.get("properties", {}).items():
        null: Schema = {"type": "null"}
        if name in required:
            continue
        if "anyOf" not in schema:
            told = {key: schema.pop(key) for key in ("default", "description") if key in schema}
            definition["properties"][name] = {"anyOf": [schema, null], **told}
        elif null not in schema["anyOf"]:
            schema["anyOf"].append(null)


def _document(kind: str, spec: Schema) -> Schema:
    metadata: Schema = {"name": _label(DNS_1035.pattern, "Name of the document.")}
    if kind != FLEET:
        text = "Kubernetes namespace of what the document makes."
        metadata["namespace"] = _label(DNS_1123.pattern, text)
    named: Schema = dict(metadata)
    if kind == FLEET:
        named["namespace"] = {"description": "Ignored: a Fleet has none.", "deprecated": True}
    return {
        "title": kind,
        "type": "object",
        "additionalProperties": False,
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"enum": list(VERSIONS)},
            "kind": {"const": kind},
            "metadata": {
                "type": "object",
                "additionalProperties": False,
                "required": list(metadata),
                "properties": named,
            },
            "spec": spec,
        },
    }


def _label(pattern: str, description: str) -> Schema:
    return {"type": "string", "pattern": exactly(pattern), "description": description}


def _reachable(schema: Any, definitions: dict[str, Schema]) -> set[str]:
    """The definitions that a schema refers to, through others too."""
    used: set[str] = set()
    open_: list[Any] = [schema]
    while open_:
        here = open_.pop()
        if isinstance(here, dict):
            name = str(here.get("$ref", "")).removeprefix("#/$defs/")
            if name in definitions and name not in used:
                used.add(name)
                open_.append(definitions[name])
            open_ += here.values()
        elif isinstance(here, list):
            open_ += here
    return used

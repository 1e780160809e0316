"""The JSON Schemas that are printed are schemas, and know our outputs."""

from __future__ import annotations

import re

import jsonschema
import pytest

from gitopsd.cli.outputs import API_VERSION
from gitopsd.cli.schema import _schemas
from gitopsd.cli.schemas import SCHEMAS
from gitopsd.spec.schema import combined_schema
from tests.unit.cli.conftest import Gitopsd


@pytest.mark.parametrize("name", list(_schemas()))
def test_every_schema_is_a_valid_one(gitopsd: Gitopsd, name: str) -> None:
    said = gitopsd("schema", name)
    assert said.code == 0
    jsonschema.Draft202012Validator.check_schema(said.json)


def test_without_a_name_the_schema_of_all_specs_is_printed(gitopsd: Gitopsd) -> None:
    said = gitopsd("schema")
    assert (said.code, said.err) == (0, "")
    assert said.json == combined_schema()
    assert said.out == gitopsd("schema", "all").out


def test_the_names_are_listed_when_asked_for(gitopsd: Gitopsd) -> None:
    listed = [line.split()[0] for line in gitopsd("schema", "--list").out.splitlines()]
    assert listed == list(_schemas())


def test_the_help_knows_every_kind_of_spec_and_where_the_other_names_are(gitopsd: Gitopsd) -> None:
    text = " ".join(gitopsd("schema", "--help").out.partition("Options:")[0].split())
    named = re.findall(r"Names of specs: ([^;]+);", text)
    assert ", ".join(named).split(", ") == [name for name in _schemas() if name not in SCHEMAS]
    assert "--list" in text


def test_every_output_says_its_version_and_kind() -> None:
    for name, schema in SCHEMAS.items():
        if name != "problem":
            assert schema["properties"]["apiVersion"] == {"const": API_VERSION}
            assert {"apiVersion", "kind"} <= set(schema["required"])


def test_the_version_output_fits_its_schema(gitopsd: Gitopsd) -> None:
    jsonschema.validate(gitopsd("version", "-o", "json").json, SCHEMAS["version"])

"""The JSON Schemas that are printed are schemas, and know our outputs."""

from __future__ import annotations

import jsonschema
import pytest

from gitopsd.cli.outputs import API_VERSION, SCHEMAS
from gitopsd.cli.schema import _schemas
from tests.unit.cli.conftest import Gitopsd


@pytest.mark.parametrize("name", list(_schemas()))
def test_every_schema_is_a_valid_one(gitopsd: Gitopsd, name: str) -> None:
    said = gitopsd("schema", name)
    assert said.code == 0
    jsonschema.Draft202012Validator.check_schema(said.json)


def test_without_a_name_the_schemas_are_listed(gitopsd: Gitopsd) -> None:
    listed = [line.split()[0] for line in gitopsd("schema").out.splitlines()]
    assert listed == list(_schemas())


def test_every_output_says_its_version_and_kind() -> None:
    for name, schema in SCHEMAS.items():
        if name != "problem":
            assert schema["properties"]["apiVersion"] == {"const": API_VERSION}
            assert {"apiVersion", "kind"} <= set(schema["required"])


def test_the_version_output_fits_its_schema(gitopsd: Gitopsd) -> None:
    jsonschema.validate(gitopsd("version", "-o", "json").json, SCHEMAS["version"])

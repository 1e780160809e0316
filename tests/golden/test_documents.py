"""The examples become what the vendor's documents show, value by value."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.golden.runner import EXAMPLES, HERE, state_of

DOCUMENTS = sorted((HERE / "documents").glob("*.yaml"))
ACTIONS = "alb.ingress.kubernetes.io/actions."


def decoded(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest without our labels, its actions as the JSON they are."""
    plain = copy.deepcopy(manifest)
    plain["metadata"].pop("labels", None)
    annotations = plain["metadata"].get("annotations", {})
    for key, value in annotations.items():
        if key.startswith(ACTIONS):
            annotations[key] = json.loads(value)
    return plain


def compiled() -> dict[tuple[str, str, str], dict[str, Any]]:
    objects = state_of(EXAMPLES).targets["hangzhou-edge"].objects
    return {(i.kind, i.namespace, i.name): item.manifest for i, item in objects.items()}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_documented_scenario_comes_out_as_documented(path: Path) -> None:
    wanted = yaml.safe_load(path.read_text(encoding="utf-8"))
    metadata = wanted["metadata"]
    found = compiled()[wanted["kind"], metadata["namespace"], metadata["name"]]
    assert decoded(found) == decoded(wanted)


def test_every_object_of_the_examples_is_documented() -> None:
    documented = set()
    for path in DOCUMENTS:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        documented.add((read["kind"], read["metadata"]["namespace"], read["metadata"]["name"]))
    assert set(compiled()) == documented


def test_an_action_is_spelt_as_in_the_document() -> None:
    """The controller takes other spellings too; the document's is the one known to be safe."""
    written = yaml.safe_load((HERE / "documents" / "same-vpc-servers.yaml").read_text("utf-8"))
    found = compiled()["Ingress", "default", "tea-same-vpc"]
    (key,) = found["metadata"]["annotations"]
    compact = json.dumps(json.loads(written["metadata"]["annotations"][key]), separators=(",", ":"))
    assert found["metadata"]["annotations"][key] == compact

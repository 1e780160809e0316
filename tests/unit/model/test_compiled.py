"""What was compiled is read back as it was, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitopsd.adapters.git import LocalFolder
from gitopsd.compiler import compile_specs
from gitopsd.model.compiled import dump, load
from gitopsd.model.desired import DesiredState
from gitopsd.rules import check
from gitopsd.spec.reading import read_specs

EXAMPLES = Path(__file__).parents[3] / "examples" / "repo"


@pytest.fixture(scope="module")
def compiled() -> DesiredState:
    specs = read_specs(LocalFolder(EXAMPLES))
    return compile_specs(specs, check(specs))


def test_it_is_what_was_compiled_reasons_and_warnings_included(compiled: DesiredState) -> None:
    kept = load(dump(compiled, "key"), "key")
    assert kept == compiled
    assert compiled.targets
    assert all(item.origins for made in compiled.targets.values() for item in made.objects.values())


def test_under_another_key_it_counts_as_not_there(compiled: DesiredState) -> None:
    assert load(dump(compiled, "key"), "another") is None


@pytest.mark.parametrize("length", [0, 1, 0.3, 0.9])
def test_what_was_cut_short_counts_as_not_there(compiled: DesiredState, length: float) -> None:
    whole = dump(compiled, "key")
    assert load(whole[: int(length * len(whole)) if length < 1 else 1], "key") is None


@pytest.mark.parametrize(
    "data", [b"[]", b'{"key": "key"}', b'{"key": "key", "files": [], "forms": [[1]]}']
)
def test_what_has_another_form_counts_as_not_there(data: bytes) -> None:
    assert load(data, "key") is None

"""What the README claims is so."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitopsd.cli.root import COMMANDS
from tests.unit.cli.conftest import Gitopsd

ROOT = Path(__file__).parents[3]
PAGES = ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/adr/README.md"]


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text("README.md"), re.DOTALL)


def contains(whole: Any, part: Any) -> bool:
    """Whether everything that `part` says is also in `whole`."""
    if isinstance(part, dict):
        return all(key in whole and contains(whole[key], item) for key, item in part.items())
    return bool(whole == part)


def test_the_exposure_becomes_what_the_readme_says(gitopsd: Gitopsd, tmp_path: Path) -> None:
    exposure, expected = (yaml.safe_load(block) for block in blocks("yaml")[:2])
    shutil.copy(ROOT / "examples/repo/fleet.yaml", tmp_path)
    (tmp_path / "exposure.yaml").write_text(yaml.safe_dump(exposure))
    said = gitopsd("render", tmp_path, "-o", "json")
    assert said.code == 0
    [manifest] = said.json["targets"][0]["objects"]
    assert contains(manifest, expected)
    assert manifest["metadata"]["annotations"] == expected["metadata"]["annotations"]


def test_the_examples_validate_without_an_error(gitopsd: Gitopsd) -> None:
    assert gitopsd("validate", ROOT / "examples/repo").code == 0


def test_the_readme_knows_every_command_and_no_other() -> None:
    named = set(re.findall(r"^\| `gitopsd ([a-z]+)", text("README.md"), re.MULTILINE))
    assert named == set(COMMANDS)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", text(page))
    there = (ROOT / page).parent
    assert [t for t in targets if "://" not in t and not (there / t).exists()] == []


def test_every_make_target_that_is_named_exists() -> None:
    named = set(re.findall(r"`?make ([a-z]+)", text("README.md") + text("CONTRIBUTING.md")))
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    assert named - targets - {"none"} == set()


def test_every_decision_is_listed() -> None:
    pages = {p.name for p in (ROOT / "docs/adr").glob("0*.md")}
    assert pages == set(re.findall(r"\((0[^)]+\.md)\)", text("docs/adr/README.md")))

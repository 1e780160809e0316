from __future__ import annotations

from pathlib import Path

import pytest

from gitopsd.cli.root import run


def test_settings_that_are_wrong_are_told_with_their_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gitopsd.yaml"
    file.write_text("repositories:\n- {name: shop, url: x, sync: {everySeconds: 0}}\n")
    assert run(["serve", "--config", str(file)]) == 1
    said = capsys.readouterr().err
    assert f"{file}:2:45: error GX0035: repositories[0].sync.everySeconds is 0" in said
    assert "the settings cannot be used: 1 error" in said


def test_without_anything_to_follow_it_says_what_to_give(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["serve"]) == 1
    assert "--config" in capsys.readouterr().err


def test_settings_that_are_not_there_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", "--config", str(tmp_path / "nowhere.yaml")]) == 1
    assert "nowhere.yaml cannot be read" in capsys.readouterr().err


def test_an_address_that_cannot_be_had_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    given = ["serve", "--repo", str(tmp_path), "--listen", "192.0.2.1:1"]
    assert run(given) == 1
    assert "192.0.2.1:1 cannot be listened at" in capsys.readouterr().err


def test_the_schema_of_the_settings_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "settings"]) == 0
    assert '"repositories"' in capsys.readouterr().out

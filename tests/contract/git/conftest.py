"""Fixtures of the Git contract: an author, a cache, and no proxies between us and loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.git.authoring import Author


@pytest.fixture
def author(tmp_path: Path) -> Author:
    return Author(tmp_path / "repositories" / "config")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def _loopback_without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")

"""The vendor's machine-readable description of the operations (aliyun/aliyun-openapi-meta)."""

from __future__ import annotations

import json
import os
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

PLACES = {"Query": "query", "Body": "form"}
"""Where a parameter travels, in our words."""


def _folder() -> Path | None:
    """The folder of the description: the one named, or `shared/openapi-meta` beside a parent."""
    named = os.environ.get("GITOPSD_OPENAPI_META")
    beside = (parent / "shared" / "openapi-meta" for parent in Path(__file__).resolve().parents)
    folders = [Path(named)] if named else list(beside)
    return next((folder for folder in folders if folder.is_dir()), None)


def described_as(product: str, action: str) -> Mapping[str, Any]:
    """The description of an operation; skips the test where there is none."""
    folder = _folder()
    if folder is None:
        pytest.skip("no openapi-meta folder: set GITOPSD_OPENAPI_META to one")
    return typing.cast(
        "Mapping[str, Any]", json.loads((folder / product / f"{action}.json").read_text())
    )

"""Reading the recordings of the real controllers."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[2] / "conformance"


@cache
def recording(name: str) -> dict[str, Any]:
    """The content of a recording."""
    found: dict[str, Any] = json.loads((_FOLDER / name).read_bytes())
    return found


def cases(name: str) -> dict[str, dict[str, Any]]:
    """The cases of a recording by name."""
    return {case["name"]: case for case in recording(name)["cases"]}

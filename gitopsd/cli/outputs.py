"""The JSON that commands print: an envelope that tells what it is.

A reader checks `apiVersion` and `kind` before anything else. Within a version fields are added,
never renamed or removed, so the schemas allow fields they do not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from gitopsd.model.problem import Problem

#: Version of all outputs. Not the group of specs: an output is never taken for one.
API_VERSION = "output.gitopsd.io/v1"


def envelope(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """An output of this kind, the envelope's fields first."""
    return {"apiVersion": API_VERSION, "kind": kind, **content}


def problems_json(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems in the form of `gitopsd schema problem`."""
    return [problem.to_json() for problem in problems]


def to_json(content: Mapping[str, Any]) -> str:
    """The text that is printed: indented, in the order in which it was built."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()

"""JSON inside annotations: two texts of one value are no difference (design §4, "Compared")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitopsd.diff.actions import is_action


def respelled(wanted: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """`found` with our own text for each action that says what ours says; both are views.

    Nothing is parsed unless two texts differ.
    """
    ours, theirs = wanted["metadata"]["annotations"], found["metadata"]["annotations"]
    same = {
        key: ours[key]
        for key, text in theirs.items()
        if is_action(key) and key in ours and _alike(ours[key], text)
    }
    if not same:
        return found
    return {**found, "metadata": {**found["metadata"], "annotations": {**theirs, **same}}}


def _alike(ours: str, theirs: Any) -> bool:
    """Whether two different texts are JSON of one value, as the controller decodes it.

    Blanks, the order of keys and their case make no difference, nor does the case of an action's
    type. A number is never a text nor a fraction: the controller decodes a weight as an integer and
    refuses `"30"` and `30.0` (facts §4.3).
    """
    if ours == theirs or not isinstance(theirs, str):
        return False
    try:
        return _canonical(ours) == _canonical(theirs)
    except (ValueError, RecursionError):
        return False  # not JSON that has one meaning: the texts differ, and are told


def _canonical(text: str) -> str:
    value = json.loads(text, object_pairs_hook=_object, parse_constant=_refused)
    return json.dumps(value, sort_keys=True)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises ValueError for a key that is there twice: readers differ in which one counts."""
    value = {key.lower(): inner for key, inner in pairs}
    if isinstance(value.get("type"), str):
        value["type"] = value["type"].lower()
    if len(value) != len(pairs):
        raise ValueError("a key is there twice")
    return value


def _refused(constant: str) -> Any:
    """Raises ValueError: NaN and Infinity are no JSON, though Python reads them."""
    raise ValueError(f"{constant} is no JSON")

"""Settings that have mistakes of form, less these: what is left can be judged by its meaning.

What has not its form is left out, with as much of what is around it as cannot do without. Where
that would be a whole repository or sink, or a window with its time zone, something harmless stands
in for it.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator
from typing import Any

from pydantic import ValidationError

from gitopsd.daemon.settings.form import OperatorSettings
from gitopsd.spec.document import Path

_NAME = "stand-in"
#: One of which nothing is told, as it has no kind of transport.
_URL = "/"
_REPOSITORY = {"name": _NAME, "url": _URL}
#: What stands in where something cannot be left out; `*` is any entry of a list.
_STAND_INS: dict[Path, Any] = {
    ("repositories",): [_REPOSITORY],
    ("repositories", "*"): _REPOSITORY,
    ("repositories", "*", "name"): _NAME,
    ("repositories", "*", "url"): _URL,
    ("sinks", "*"): {"name": _NAME},
    ("sinks", "*", "name"): _NAME,
    ("repositories", "*", "sync", "window", "start"): "00:00",
    ("repositories", "*", "sync", "window", "end"): "12:00",
    ("repositories", "*", "drift", "window", "start"): "00:00",
    ("repositories", "*", "drift", "window", "end"): "12:00",
    ("sinks", "*", "quietHours", "start"): "00:00",
    ("sinks", "*", "quietHours", "end"): "12:00",
}
#: Where a name of a repository stands, or something that holds one.
_NAMED = (("repositories",), ("repositories", "*"), ("repositories", "*", "name"))
#: More levels than settings have: each round leaves out what is one further up.
_LEVELS = 8


def rest_of(value: dict[str, Any], faulty: Collection[Path]) -> OperatorSettings | None:
    """The settings in `value` without what stands at the `faulty` paths; None if none are left."""
    rest, doubtful = copy.deepcopy(value), set(faulty)
    for _ in range(_LEVELS):
        for path in sorted(doubtful, key=len, reverse=True):
            _leave_out(rest, path)
        try:
            return OperatorSettings.model_validate(rest, by_alias=True, by_name=False)
        except ValidationError as error:
            doubtful = set(_above(error))
    return None


def names_are_known(faulty: Collection[Path]) -> bool:
    """Whether every repository has the name that its user gave it."""
    return not any(_pattern(path) in _NAMED for path in faulty)


def _above(error: ValidationError) -> Iterator[Path]:
    """What cannot be as it is: a part that misses something, or a value."""
    for each in error.errors():
        yield tuple(each["loc"][:-1] if each["type"] == "missing" else each["loc"])


def _leave_out(rest: dict[str, Any], path: Path) -> None:
    place: Any = rest
    for part in path[:-1]:
        inside = place.get(part) if isinstance(place, dict) else _entry(place, part)
        if not isinstance(inside, dict | list):
            return  # it has gone with what is around it
        place = inside
    stand_in = _STAND_INS.get(_pattern(path))
    if stand_in is not None:
        place[path[-1]] = copy.deepcopy(stand_in)
    elif isinstance(place, dict):
        place.pop(path[-1], None)
    else:
        _leave_out(rest, path[:-1])  # other entries would have other places


def _entry(place: list[Any], part: str | int) -> Any:
    return place[part] if isinstance(part, int) and part < len(place) else None


def _pattern(path: Path) -> Path:
    return tuple("*" if isinstance(part, int) else part for part in path)

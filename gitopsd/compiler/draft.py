"""Writing a JSON value field by field, each with the reason of its value."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from gitopsd.model.desired import Origin
from gitopsd.model.paths import join
from gitopsd.model.position import Position


class Draft:
    """A manifest, or the parameters of a call, being written.

    `content` is what was written so far; `origins` maps the dotted path of every leaf to its
    reason.
    """

    def __init__(self) -> None:
        self.content: dict[str, Any] = {}
        self.origins: dict[str, Origin] = {}

    def put(self, value: Any, rule: str, position: Position | None, *path: str | int) -> None:
        """Set the field at `path`; lists grow by setting the index after their last."""
        place: Any = self.content
        for part, following in pairwise(path):
            empty: Any = [] if isinstance(following, int) else {}
            if isinstance(part, int):
                if part == len(place):
                    place.append(empty)
                place = place[part]
            else:
                place = place.setdefault(part, empty)
        last = path[-1]
        if isinstance(last, int):
            place.append(value)
        else:
            place[last] = value
        self.origins[join(path)] = Origin(rule, position)

"""One edit of a document's text, as the piece that is replaced and what replaces it."""

from __future__ import annotations

import re

from gitopsd.spec.document import Path
from gitopsd.spec.editing.edits import Edit, Insert, Put
from gitopsd.spec.editing.nodes import Node
from gitopsd.spec.editing.style import block, flow, scalar

#: `text[start:end]` becomes the third.
Splice = tuple[int, int, str]


class Unplaced(Exception):
    """There is no place for the edit that leaves everything else as it is."""


def splices(text: str, root: Node, edit: Edit) -> list[Splice]:
    """What to replace; the pieces do not overlap. Raises Unplaced and LookupError."""
    writer = _Writer(text)
    if isinstance(edit, Insert):
        return writer.insert(root.at(edit.path), edit.value, edit.index)
    holder, last = root.at(edit.path[:-1]), edit.path[-1]
    if not isinstance(edit, Put):
        return writer.remove(root, edit.path)
    if isinstance(last, str) and all(key.value != last for key in holder.keys):
        return writer.add(holder, last, edit.value)
    return writer.put(root, edit.path, edit.value)


class _Writer:
    """Finds the places of edits in one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.eol = "\r\n" if "\r\n" in text else "\n"

    # --- values --------------------------------------------------------------------------------

    def put(self, root: Node, path: Path, value: object) -> list[Splice]:
        """Replace a value where it stands; a block goes with the comments inside it."""
        node = root.at(path)
        if node.start == node.end:  # nothing stands behind the colon or dash
            return [(node.start, node.end, f" {flow(value)}")]
        if not node.flow and node.kind in (dict, list):
            return self._instead(root, path, node, flow(value))
        words = flow(value) if isinstance(value, dict | list) else scalar(value, node.style)
        return [(node.start, node.end, words)]

    def add(self, holder: Node, key: str, value: object) -> list[Splice]:
        """Add a key at the end of a mapping."""
        if holder.kind is not dict:
            raise Unplaced
        line = f"{scalar(key)}: {flow(value)}"
        if holder.flow:
            return self._into_flow(holder, line)
        return [self._line_after(holder.end, self._column(holder.starts(0)), [line])]

    def insert(self, holder: Node, value: object, index: int | None) -> list[Splice]:
        """Add an item to a list, in the style of its neighbours."""
        if holder.kind is not list:
            raise Unplaced
        number = len(holder.items) if index is None else index
        if holder.flow:
            if number < len(holder.items):
                start = holder.items[number].start
                return [(start, start, f"{flow(value)}, ")]
            return self._into_flow(holder, flow(value))
        sibling = holder.items[min(number, len(holder.items) - 1)]
        spread = isinstance(value, dict) and value and sibling.kind is dict and not sibling.flow
        lines = list(block(value)) if spread and isinstance(value, dict) else [flow(value)]
        lines = [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]
        column = self._column(holder.start)
        if number == len(holder.items):
            return [self._line_after(holder.end, column, lines)]
        start = self._with_comments(self._line_start(self._dash(holder, number)))
        before = "".join(f"{' ' * column}{line}{self.eol}" for line in lines)
        return [(start, start, before)]

    def _into_flow(self, holder: Node, words: str) -> list[Splice]:
        """At the end of `{…}` or `[…]`; on a line of its own where the last item has one."""
        if not holder.items:
            inside = holder.end - 1
            return [(holder.start + 1, inside, words)]
        last = holder.starts(len(holder.items) - 1)
        end = holder.items[-1].end
        if not self._is_first(last) or self._line_end(end) > holder.end:
            return [(end, end, f", {words}")]
        comma = re.match(r"\s*,", self.text[end : self._line_end(end)])
        indent = self.text[self._line_start(last) : last]
        line = f"{self.eol}{indent}{words}{',' if comma else ''}"
        behind = self._line_end(end)
        after = self.text[end:behind] if comma else f",{self.text[end:behind]}"
        return [(end, behind, after + line)]

    # --- taking away ---------------------------------------------------------------------------

    def remove(self, root: Node, path: Path) -> list[Splice]:
        """Take a key or item away, with the comments right above it."""
        holder = root.at(path[:-1])
        number = holder.index(path[-1])
        if holder.flow:
            return [self._from_flow(holder, number)]
        if len(holder.items) == 1:
            nothing = "{}" if holder.kind is dict else "[]"
            return self._instead(root, path[:-1], holder, nothing)
        start, end = holder.starts(number), holder.items[number].end
        if holder.kind is list:
            start = self._dash(holder, number)
        if self._is_first(start):
            return [self._lines(self._with_comments(self._line_start(start)), end)]
        if number + 1 == len(holder.items):
            raise Unplaced
        following = holder.starts(number + 1)
        if holder.kind is list:
            following = self._dash(holder, number + 1)
        return [(start, following, "")]  # the first key, behind the dash of a list

    def _instead(self, root: Node, path: Path, block: Node, words: str) -> list[Splice]:
        """Put words in the place of a block: behind the key, or the dash, that it belongs to."""
        if not path:
            raise Unplaced
        if not self._is_first(block.start):
            return [(block.start, block.end, words)]
        above = root.at(path[:-1])
        if above.kind is not dict:
            raise Unplaced
        colon = self.text.index(":", above.keys[above.index(path[-1])].end) + 1
        start = self._with_comments(self._line_start(block.start))
        return [(colon, colon, f" {words}"), self._lines(start, block.end)]

    def _from_flow(self, holder: Node, number: int) -> Splice:
        start, end = holder.starts(number), holder.items[number].end
        if len(holder.items) == 1:
            return holder.start + 1, holder.end - 1, ""
        behind = self.text[end : self._line_end(end)]
        if self._is_first(start) and re.fullmatch(r"\s*,?\s*(#.*)?", behind):
            return self._lines(self._with_comments(self._line_start(start)), end)
        if number + 1 < len(holder.items):
            return start, holder.starts(number + 1), ""
        return holder.items[number - 1].end, end, ""

    def _lines(self, start: int, end: int) -> Splice:
        """Whole lines: from the beginning of one to the end of the one that holds `end`."""
        stop = self._line_end(end)
        if stop < len(self.text):
            return start, stop + len(self._break_at(stop)), ""
        before = re.search(r"\r?\n\Z", self.text[:start])  # the file does not end with a line break
        return (before.start() if before else start), stop, ""

    # --- places --------------------------------------------------------------------------------

    def _line_start(self, place: int) -> int:
        return self.text.rfind("\n", 0, place) + 1

    def _line_end(self, place: int) -> int:
        end = self.text.find("\n", place)
        if end < 0:
            return len(self.text)
        return end - 1 if end > place and self.text[end - 1] == "\r" else end

    def _break_at(self, place: int) -> str:
        return "\r\n" if self.text.startswith("\r\n", place) else "\n"

    def _column(self, place: int) -> int:
        return place - self._line_start(place)

    def _is_first(self, place: int) -> bool:
        """Whether nothing but blanks stands before this place in its line."""
        return not self.text[self._line_start(place) : place].strip(" ")

    def _dash(self, holder: Node, number: int) -> int:
        """Where the dash of a block list's item stands."""
        if number == 0:
            return holder.start
        column = self._column(holder.start)
        place = self._line_start(holder.items[number].start)
        while place > holder.items[number - 1].end:
            if self.text[place : place + column].strip(" ") == "" and self.text.startswith(
                "-", place + column
            ):
                return place + column
            place = self._line_start(place - 1)
        raise Unplaced

    def _with_comments(self, place: int) -> int:
        """The beginning of the comments right above a line, if they stand as deep as it."""
        depth = re.match(r" *", self.text[place:])
        indent = depth.group() if depth else ""
        while place:
            above = self._line_start(place - 1)
            if not re.match(rf"{indent}#", self.text[above:place]):
                break
            place = above
        return place

    def _line_after(self, place: int, column: int, lines: list[str]) -> Splice:
        """Lines of their own below the one that holds `place`."""
        end = self._line_end(place)
        new = "".join(f"{self.eol}{' ' * column}{line}" for line in lines)
        return end, end, new

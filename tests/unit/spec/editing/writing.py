"""YAML in the styles that people write: block and flow, quotes, comments, blank lines."""

from __future__ import annotations

import json
import random
from typing import Any


class Author:
    """Writes values as YAML; every choice of style comes from `dice`."""

    def __init__(self, dice: random.Random, eol: str = "\n") -> None:
        self._dice = dice
        self._eol = eol
        self._comments = 0

    def file(self, documents: list[Any], *, ended: bool) -> str:
        """Documents with content, one after another."""
        texts = [self._document(value) for value in documents]
        text = f"---{self._eol}".join(texts)
        if self._dice.random() < 0.3:
            text = f"---{self._eol}{text}"
        return text if ended else text.removesuffix(self._eol)

    def _document(self, value: dict[str, Any]) -> str:
        return "".join(line + self._eol for line in self._mapping(value, 0))

    def _mapping(self, value: dict[str, Any], depth: int) -> list[str]:
        lines: list[str] = []
        for key, item in value.items():
            lines += self._aside(depth)
            lines += self._entry(f"{' ' * depth}{self._scalar(key)}:", item, depth)
        return lines

    def _entry(self, head: str, item: Any, depth: int) -> list[str]:
        if not isinstance(item, dict | list):
            return [f"{head} {self._scalar(item)}{self._behind()}"]
        if not item or self._dice.random() < 0.4:
            return self._flow_entry(head, item, depth)
        if isinstance(item, dict):
            return [head + self._behind(), *self._mapping(item, depth + 2)]
        return [head + self._behind(), *self._list(item, depth + self._dice.choice((0, 2)))]

    def _list(self, items: list[Any], depth: int) -> list[str]:
        lines: list[str] = []
        for item in items:
            lines += self._aside(depth)
            if isinstance(item, dict) and item and self._dice.random() < 0.5:
                first, *rest = [line for line in self._mapping(item, depth + 2)
                                if not line.lstrip().startswith("#")]  # fmt: skip
                lines += [f"{' ' * depth}- {first.lstrip()}", *rest]
            else:
                lines += [f"{' ' * depth}- {self._flow(item)}{self._behind()}"]
        return lines

    def _flow_entry(self, head: str, item: Any, depth: int) -> list[str]:
        if isinstance(item, list) and item and self._dice.random() < 0.4:
            inner = " " * (depth + 4)
            last = self._dice.choice((",", ""))
            return [
                f"{head} [{self._behind()}",
                *(f"{inner}{self._flow(entry)},{self._behind()}" for entry in item[:-1]),
                f"{inner}{self._flow(item[-1])}{last}{self._behind()}",
                f"{' ' * (depth + 2)}]{self._behind()}",
            ]
        return [f"{head} {self._flow(item)}{self._behind()}"]

    def _flow(self, value: Any) -> str:
        if isinstance(value, dict):
            inner = ", ".join(f"{self._scalar(k)}: {self._flow(v)}" for k, v in value.items())
            return f"{{{inner}}}"
        if isinstance(value, list):
            return f"[{', '.join(map(self._flow, value))}]"
        return self._scalar(value)

    def _scalar(self, value: Any) -> str:
        if not isinstance(value, str):
            return json.dumps(value)
        if value.isalpha() and self._dice.random() < 0.6 and value.lower() not in _WORDS:
            return value
        if self._dice.random() < 0.5:
            return "'" + value.replace("'", "''") + "'"
        return json.dumps(value, ensure_ascii=False)

    def _aside(self, depth: int) -> list[str]:
        """Comments and blank lines above an entry."""
        chance = self._dice.random()
        if chance < 0.15:
            return [f"{' ' * depth}{self._comment()}"]
        return [""] if chance < 0.2 else []

    def _behind(self) -> str:
        return f"  {self._comment()}" if self._dice.random() < 0.2 else ""

    def _comment(self) -> str:
        """Each comment is the only one of its kind; some hold what could be taken for YAML."""
        self._comments += 1
        return f"# {self._dice.choice(('note', 'a: b', '- x', 'ü, ]', '}'))} {self._comments}"


_WORDS = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")

"""The page docs/reference/checks.md, written from the tables: `python -m gitopsd.rules.reference`.

The page is generated and kept in the repository; a test compares the two.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from gitopsd.rules import TABLE
from gitopsd.spec.problems import READING

_INTRODUCTION = """\
# Checks

Everything that gitopsd can find wrong with a config repository, before anything is sent. All
problems are reported at once, each with the file, line and column it stands at. An **error** holds
what its document made: it is neither changed nor deleted until the document is right. An error in
`fleet.yaml` stops everything. A **warning** is told, and nothing else.

Ids never change their meaning. `facts §…` and `design §…` say where a statement comes from.

This page is generated from the tables in `gitopsd/spec/problems.py` and `gitopsd/rules`: `make docs`.
"""

#: First two digits of an id -> what its checks are about.
SECTIONS = {
    "00": "Reading",
    "01": "Fleet",
    "02": "Targets",
    "03": "Exposures of CLB and NLB",
    "04": "Routes",
    "05": "Backends",
    "06": "ServerGroups",
    "07": "Addresses",
    "08": "Clashes",
    "09": "Drift policy",
}


class _Row(NamedTuple):
    id: str
    severity: str
    title: str
    why: str
    mend: str


def _rows() -> Iterator[_Row]:
    for id_, entry in READING.items():
        yield _Row(id_, str(entry.severity), entry.title, entry.why, entry.mend)
    for id_, rule in TABLE.items():
        yield _Row(id_, str(rule.severity), rule.title, rule.why, rule.mend)


def page() -> str:
    """The whole page as Markdown."""
    parts = [_INTRODUCTION]
    for digits, rows in groupby(sorted(_rows()), key=lambda row: row.id[2:4]):
        parts.append(f"## {SECTIONS[digits]}\n")
        parts += _section(rows)
    return "\n".join(parts)


def _section(rows: Iterable[_Row]) -> Iterator[str]:
    for row in rows:
        yield f"### {row.id} {row.title}\n"
        why, mend = _escaped(row.why), _escaped(row.mend)
        yield f"*{row.severity.capitalize()}.* {why} **Mend:** {mend}\n"


def _escaped(text: str) -> str:
    """Plain text that Markdown takes for plain text."""
    return re.sub(r"([*_<`\\])", r"\\\1", text)


def main() -> None:
    """Write the page to the path given as the only argument."""
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()

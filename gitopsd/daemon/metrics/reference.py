"""The page docs/reference/metrics.md, written from the table of metrics.

`python -m gitopsd.daemon.metrics.reference PAGE` writes it. The page is kept in the repository; a
test compares it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from gitopsd.daemon.metrics.families import COUNTED, STANDING, Family

_HEAD = """\
# Metrics

What `GET /metrics` of `gitopsd serve` answers, in Prometheus' text format. Names and labels are an
interface: they are changed as a command's options are. Times are in seconds. This page is generated
by `make docs` from `gitopsd/daemon/metrics/families.py`.

`repository` is a name in the operator's settings, `target` one in `fleet.yaml`. Numbers of a target
come from the replica that holds its lease, so `max by (repository, target)` over all replicas is
the target's. Alert rules and a dashboard made of these are in `deploy/monitoring`; what to do about
each alert is in [operations](../operations.md#alerts).
"""

_TAIL = """
Besides, `process_…` tells of the process's own memory, CPU time and open files, as every client
library does.
"""


def page() -> str:
    """The page as Markdown."""
    counted = "".join(_lines(COUNTED))
    standing = "".join(_lines(STANDING))
    return (
        f"{_HEAD}\n## Counted as it happens\n\n{counted}\n## Read at each scrape\n\n"
        f"{standing}{_TAIL}"
    )


def _lines(families: tuple[Family, ...]) -> Iterator[str]:
    yield "| Metric | Type | Labels | Meaning |\n|---|---|---|---|\n"
    for family in families:
        name = family.name if family.type == "histogram" else family.sample
        labels = ", ".join(f"`{label}`" for label in family.labels) or "–"
        yield f"| `{name}` | {family.type} | {labels} | {family.help} |\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")

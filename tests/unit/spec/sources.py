"""A repository in memory, and the smallest right documents, for tests of reading."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from gitopsd.model.problem import Problem
from gitopsd.ports import Tree
from gitopsd.spec.document import SpecSet
from gitopsd.spec.reading import read_specs

FLEET = """\
apiVersion: gitopsd.io/v1alpha1
kind: Fleet
metadata: {name: acme}
spec:
  targets:
  - {name: edge, region: cn-hangzhou, networkPlugin: TerwayEdge}
"""

HEAD = "apiVersion: gitopsd.io/v1alpha1\n"


class Memory:
    """A ConfigSource of texts; `asked` are the ids whose contents were wanted."""

    def __init__(
        self,
        files: Mapping[str, str | bytes | None],
        skipped: tuple[tuple[str, str], ...] = (),
        folder: str = "",
    ) -> None:
        self._files: dict[str, str] = {}
        self._contents: dict[str, bytes | None] = {}
        self._skipped = skipped
        self._folder = folder
        self.asked: list[str] = []
        for path, text in files.items():
            content = text.encode() if isinstance(text, str) else text
            id_ = hashlib.sha256(content or b"large").hexdigest()
            self._files[path] = id_
            self._contents[id_] = content

    def tree(self) -> Tree:
        return Tree("none", self._files, self._skipped, self._folder)

    def blobs(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        self.asked += ids
        for id_ in ids:
            yield id_, self._contents[id_]


def exposure(name: str = "tea", namespace: str = "shop", spec: str = "") -> str:
    """An Exposure; `spec` holds the lines below `spec`, indented by two blanks."""
    body = spec or "  loadBalancer: {type: ALB}\n"
    head = f"{HEAD}kind: Exposure\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
    return f"{head}spec:\n{body}"


def server_group(name: str = "warehouse", namespace: str = "shop") -> str:
    return (
        f"{HEAD}kind: ServerGroup\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        "spec: {product: ALB, location: OnPremises, protocol: HTTP}\n"
    )


def read(**files: str | bytes | None) -> SpecSet:
    """Read files `a`, `b`, … as `a.yaml`, `b.yaml`, … next to a right fleet.yaml."""
    named = {f"{name}.yaml": text for name, text in files.items()}
    return read_specs(Memory({"fleet.yaml": FLEET, **named}))


def ids(problems: Sequence[Problem]) -> list[str]:
    return [problem.id for problem in problems]


def only(problems: Sequence[Problem]) -> Problem:
    (problem,) = problems
    return problem


def place(problem: Problem) -> tuple[int, int]:
    assert problem.position is not None
    return problem.position.line, problem.position.column

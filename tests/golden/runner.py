"""Golden cases: a config repository, what it becomes, and what is wrong with it.

Each folder `cases/<name>` holds `repo/` and the two outcomes, `rendered.json` (with `--explain`)
and `problems.txt`. `make golden` writes the outcomes anew; who changes one reads the difference.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitopsd.adapters.git import LocalFolder
from gitopsd.compiler import compile_specs
from gitopsd.compiler.rendering import render
from gitopsd.model.desired import DesiredState
from gitopsd.model.problem import Problem
from gitopsd.rules import check
from gitopsd.spec.reading import read_specs

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples" / "repo"
#: Set to "write", the outcomes are written instead of compared.
VARIABLE = "GITOPSD_GOLDEN"


@dataclass(frozen=True)
class Case:
    """A repository and the folder of its outcomes."""

    name: str
    repository: Path
    folder: Path

    @property
    def rendered(self) -> Path:
        return self.folder / "rendered.json"

    @property
    def problems(self) -> Path:
        return self.folder / "problems.txt"


def cases() -> list[Case]:
    folders = sorted(path for path in (HERE / "cases").iterdir() if path.is_dir())
    found = [Case(folder.name, folder / "repo", folder) for folder in folders]
    return [
        Case(case.name, EXAMPLES, case.folder) if case.name == "examples" else case
        for case in found
    ]


def state_of(repository: Path) -> DesiredState:
    specs = read_specs(LocalFolder(repository))
    return compile_specs(specs, check(specs))


def rendered_text(state: DesiredState) -> str:
    content: Any = render(state, explain=True)
    content.pop("problems")  # they stand in a file of their own, which is easier to read
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def problems_text(problems: tuple[Problem, ...]) -> str:
    return "".join(f"{_told(problem)}\n" for problem in problems)


def _told(problem: Problem) -> str:
    place = f"{problem.position}: {problem.severity} {problem.id}"
    where = f" at {problem.target}" if problem.target else ""
    about = f" [{problem.subject}{where}]" if problem.subject else ""
    return f"{place}{about}\n  {problem.what}\n  why: {problem.why}\n  mend: {problem.mend}"

"""On a terminal: colours, questions, and a status line that is gone when the command ends."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.stage import Stage


def at_terminal(*arguments: object, answer: str = "", **environment: str) -> tuple[int, str]:
    """Run a command as a person would; its exit code and what the person saw."""
    ours, theirs = pty.openpty()
    program = "from gitopsd.cli import main; main()"
    surroundings = {**os.environ, "TERM": "xterm", **environment}
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdin=theirs, stdout=theirs, stderr=theirs, env=surroundings,
    )  # fmt: skip
    os.close(theirs)
    if answer:
        os.write(ours, answer.encode())
    seen = b""
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:  # the other end is closed: the command has ended
            break
        if not chunk:
            break
        seen += chunk
    os.close(ours)
    return process.wait(), seen.decode()


def test_colours_are_for_terminals_that_want_them(repo: Path) -> None:
    (repo / "exposures.yaml").write_text("a: [\n")
    assert "\x1b[1;35merror GX" in at_terminal("validate", repo)[1]
    assert "\x1b[" not in at_terminal("validate", repo, "--no-color", "-q")[1]
    assert "\x1b[1;35m" not in at_terminal("validate", repo, NO_COLOR="1")[1]
    assert "\x1b[1;35m" not in at_terminal("validate", repo, TERM="dumb")[1]


@pytest.mark.parametrize(("answer", "code", "names"), [("n\n", 1, 0), ("y\n", 0, 2)])
def test_apply_asks_the_person_at_the_terminal(
    repo: Path, stage: Stage, answer: str, code: int, names: int
) -> None:
    ended, seen = at_terminal("apply", repo, answer=answer)
    assert (ended, len(stage.services())) == (code, names)
    assert "Do 6 steps? [y/N]" in seen


def test_yes_is_not_asked(repo: Path, stage: Stage) -> None:
    ended, seen = at_terminal("apply", repo, "--yes")
    assert ended == 0
    assert "[y/N]" not in seen

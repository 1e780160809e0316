"""Running something as a fresh process and reading what it cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and CPU seconds of a process and its children, peak memory in MiB, and its output."""

    wall: float
    cpu: float
    peak: float
    output: str


def run(arguments: list[str], *, expect: int = 0, env: Mapping[str, str] | None = None) -> Cost:
    """Run `python ARGUMENTS` cold; RuntimeError with its output when it ends otherwise."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, **(env or {})},
        text=True,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode != expect:
        raise RuntimeError(f"{arguments} ended with {process.returncode}:\n{output[-2000:]}")
    wall = time.perf_counter() - start
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


def best(arguments: list[str], *, times: int = 3, env: Mapping[str, str] | None = None) -> Cost:
    """The cheapest of several runs: what the machine does besides only ever adds."""
    return min((run(arguments, env=env) for _ in range(times)), key=lambda cost: cost.wall)

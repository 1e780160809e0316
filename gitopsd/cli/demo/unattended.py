"""The last act: the operator does by itself what the commands did before."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gitopsd.cli.demo.stage import Stage

_SETTINGS = """\
repositories:
- name: demo
  url: {url}
  branch: main
  sync: {{everySeconds: 1}}
  drift: {{everySeconds: 1}}
listen: 127.0.0.1:0
"""


@contextmanager
def operator(stage: Stage, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`gitopsd serve` on the stage's repository, in a process of its own."""
    settings = log.with_suffix(".yaml")
    settings.write_text(_SETTINGS.format(url=stage.remote), encoding="utf-8")
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GITOPSD_")}
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, and arguments of ours
            [sys.executable, "-m", "gitopsd", "serve", "--config", str(settings)],
            env={**clean, **stage.environment},
            stderr=stream,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()

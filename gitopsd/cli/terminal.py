"""Where a command's words go: results to stdout, everything else to stderr."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from gitopsd.ports import Progress
from gitopsd.typography import PLAIN, Palette

#: Wider lines are hard to read; narrower terminals get shorter ones.
_WIDEST = 120
_PIPE_WIDTH = 100


class ClosedPipe(Exception):
    """Whoever read our output has gone (`gitopsd render | head -1`)."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """The two streams of a command, as the options and the environment want them used."""

    quiet: bool = False
    verbose: bool = False
    no_color: bool = False

    @property
    def palette(self) -> Palette:
        """Colours for stdout: on a terminal that has them, unless somebody said no."""
        return self._palette(sys.stdout)

    @property
    def error_palette(self) -> Palette:
        """Colours for stderr."""
        return self._palette(sys.stderr)

    def _palette(self, stream: TextIO) -> Palette:
        refused = self.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return PLAIN if refused or not stream.isatty() else Palette(enabled=True)

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked: both stdin and stderr are terminals."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    @property
    def width(self) -> int:
        """Columns to set text in: the terminal's, within reason; a fixed number in a pipe."""
        if not sys.stdout.isatty():
            return _PIPE_WIDTH
        return max(60, min(shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns, _WIDEST))

    def out(self, text: str) -> None:
        """Write a result, one line break after it. Raises ClosedPipe."""
        self._write(sys.stdout, text)

    def say(self, text: str) -> None:
        """Write something for people beside the result; nothing with --quiet."""
        if not self.quiet:
            self._write(sys.stderr, text)

    def warn(self, text: str) -> None:
        """Write something for people that --quiet does not silence."""
        self._write(sys.stderr, text)

    def _write(self, stream: TextIO, text: str) -> None:
        try:
            stream.write(text + "\n")
            stream.flush()
        except BrokenPipeError as error:
            raise ClosedPipe from error

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """What is going on: a status line on a terminal; in a pipe plain lines with --verbose."""
        if self.verbose:
            yield self.warn
        elif self.quiet or not sys.stderr.isatty():
            yield _silent
        else:
            yield from self._status()

    def _status(self) -> Iterator[Progress]:
        from rich.console import Console
        from rich.text import Text

        console = Console(stderr=True, no_color=not self.error_palette.enabled, highlight=False)
        with console.status(Text("…")) as status:
            yield lambda text: status.update(Text(text))


def _silent(_: str) -> None:
    """Progress that nobody asked for."""


def discard_output() -> None:
    """Send what is still buffered nowhere, so that leaving after a closed pipe stays quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())

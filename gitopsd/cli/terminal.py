"""Where a command's words go: results to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from gitopsd.cli import streams
from gitopsd.typography import PLAIN, Palette

if TYPE_CHECKING:
    from gitopsd.ports import Progress

#: Lines are set no wider than the first, where they are read best, and no narrower than the second.
_WIDEST, _NARROWEST = 120, 40
_PIPE_WIDTH = 100


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
        """Columns to lay a result out in: the terminal's, within reason; 100 in a pipe."""
        return _columns(sys.stdout) or _PIPE_WIDTH

    @property
    def sentence_width(self) -> int | None:
        """Columns to break the sentences of a result at; None in a pipe, for who greps."""
        return _columns(sys.stdout)

    @property
    def error_sentence_width(self) -> int | None:
        """The same for stderr."""
        return _columns(sys.stderr)

    def out(self, text: str) -> None:
        """Write a result, one line break after it. Raises ClosedPipe and OutputLost."""
        streams.write(text + "\n")

    def say(self, text: str) -> None:
        """Write something for people beside the result; nothing with --quiet."""
        if not self.quiet:
            streams.write_aside(text + "\n")

    def warn(self, text: str) -> None:
        """Write something for people that --quiet does not silence."""
        streams.write_aside(text + "\n")

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


@contextmanager
def libraries_hushed() -> Iterator[None]:
    """Keep off stderr what libraries log, tracebacks and all: we tell their failures ourselves.

    Some of them bring a handler of their own, so it takes more than to leave logging alone.
    """
    import logging

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _columns(stream: TextIO) -> int | None:
    """The width of the terminal behind a stream, within reason; None where there is none."""
    if not stream.isatty():
        return None
    try:
        found = os.get_terminal_size(stream.fileno()).columns
    except OSError:  # a terminal that does not know its size
        found = 0
    wish = os.environ.get("COLUMNS", "")
    columns = int(wish) if wish.isdecimal() else 0
    return max(_NARROWEST, min(columns or found or _PIPE_WIDTH, _WIDEST))

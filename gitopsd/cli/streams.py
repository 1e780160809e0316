"""The process's own streams: what to do when there is nothing behind one, or it takes no more."""

from __future__ import annotations

import errno
import io
import os
import sys

_NAMES = ("stdin", "stdout", "stderr")  # in the order of their numbers


class ClosedPipe(Exception):
    """Whoever read our output has gone (`gitopsd render | head -1`)."""


class OutputLost(Exception):
    """The output cannot be written: the text says why (disk full, stream closed)."""


class ClosedStream(io.TextIOBase):
    """Stands in for a stream that was closed before we began: whatever is written fails."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def fileno(self) -> int:
        """The number of the stream."""
        return self._number

    def writable(self) -> bool:
        """Whether it may be tried; that it fails is told then."""
        return True

    def write(self, _: str) -> int:
        """Fail as the system would. Raises OSError."""
        raise OSError(errno.EBADF, "it is closed")


def replace_missing() -> None:
    """Put something in the place of each of the three streams that the caller has closed.

    Python leaves None there, and the next file that anybody opens would get the stream's number:
    a child process would then write its output into that file.
    """
    for number, name in enumerate(_NAMES):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
            setattr(sys, name, ClosedStream(number))


def write(text: str) -> None:
    """Write to stdout, now. Raises ClosedPipe and OutputLost."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ClosedPipe from error
    except OSError as error:
        raise OutputLost(error.strerror or str(error)) from error


def write_aside(text: str) -> None:
    """Write to stderr, now. When nobody can be told any more the work goes on all the same."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _discard(sys.stderr.fileno())


def discard_output() -> None:
    """Send what stdout still holds back nowhere: it would fail once more when Python ends."""
    _discard(sys.stdout.fileno())


def _discard(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)

"""From exceptions to sentences and exit codes: what failed, where, why, and how to mend it."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import click

from gitopsd.cli.streams import ClosedPipe, OutputLost, discard_output
from gitopsd.cli.terminal import Terminal
from gitopsd.typography import Meaning, clean

if TYPE_CHECKING:
    from gitopsd.ports import WorldError

#: An error of ours (BSD's EX_SOFTWARE), an interrupt and a closed pipe (128 + signal).
INTERNAL, INTERRUPTED, CLOSED_PIPE = 70, 130, 141

#: What failing means where 1 already says something else (`drift`: 1 is drift).
_FAILURE = {"drift": 2, "status": 2}


class Refusal(Exception):
    """A command cannot do what it was asked: the sentence why, and what to do about it."""

    def __init__(self, why: str, mend: str = "") -> None:
        super().__init__(why)
        self.mend = mend


@dataclass(slots=True)
class Invocation:
    """What is known of the running command.

    The terminal is set once the options are read, `writing` once something may have been written,
    `left` when somebody did not want to wait for requests that are under way still.
    """

    arguments: Sequence[str]
    terminal: Terminal | None = None
    writing: bool = False
    left: bool = False

    @property
    def command(self) -> str:
        """The command's name, "" when none was given."""
        return next((word for word in self.arguments if not word.startswith("-")), "")

    @property
    def failure(self) -> int:
        """The exit code that says "failed" for this command."""
        return _FAILURE.get(self.command, 1)


def guarded(invocation: Invocation, run: Callable[[], object]) -> int:
    """Run a command; whatever happens ends in an exit code and, if need be, a sentence."""
    try:
        result = run()
    except ClosedPipe:
        discard_output()
        return CLOSED_PIPE
    except OutputLost as error:
        discard_output()
        return _lost(invocation, error)
    except (KeyboardInterrupt, click.Abort):
        return interrupted(invocation)
    except Exception as error:  # noqa: BLE001  the outermost border: nothing may escape unsaid
        return _failed(invocation, error)
    return result if isinstance(result, int) else 0


def leave(code: int) -> NoReturn:
    """End the process without waiting for its threads."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody may be there to read it
            stream.flush()
    if sys.stderr.isatty():
        sys.stderr.write("\x1b[?25h")  # the status line has hidden the cursor
        sys.stderr.flush()
    os._exit(code)


#: What to know when a command that writes ends before its time.
_GOES_ON = "what was done stays; the same command again goes on"


def _lost(invocation: Invocation, error: OutputLost) -> int:
    """The result has nowhere to go: a failure of the command like any other."""
    mend = _GOES_ON if invocation.writing else ""
    _tell(invocation, f"the output cannot be written to stdout: {error}", mend)
    return invocation.failure


def interrupted(invocation: Invocation) -> int:
    """Say that Ctrl-C has ended the command, and what that means; the exit code."""
    if invocation.writing:
        _tell(invocation, "interrupted", _GOES_ON)
    else:
        _tell(invocation, "interrupted", "nothing was written")
    return INTERRUPTED


def _failed(invocation: Invocation, error: Exception) -> int:
    # Imported here: a command that does not fail need not wait for it.
    from gitopsd.ports import WorldError

    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "gitopsd"
        _tell(invocation, error.format_message().rstrip("."), f"{path} --help")
    elif isinstance(error, Refusal):
        _tell(invocation, str(error), error.mend)
    elif isinstance(error, WorldError):
        tell_world(invocation, error)
    else:
        return _unexpected(invocation, error)
    return invocation.failure


def tell_world(invocation: Invocation, error: WorldError, prefix: str = "") -> None:
    """Say what failed outside, and with --verbose what the library said about it."""
    _tell(invocation, f"{prefix}{error.about}: {error.detail}", error.mend)
    terminal = invocation.terminal
    if terminal and terminal.verbose and error.__cause__ is not None:
        cause = error.__cause__
        terminal.warn(clean(f"  cause: {type(cause).__name__}: {cause}"))


def _unexpected(invocation: Invocation, error: Exception) -> int:
    terminal = invocation.terminal or Terminal()
    if terminal.verbose:
        terminal.warn("".join(traceback.format_exception(error)).rstrip())
    what = f"{type(error).__name__}: {error}"
    _tell(invocation, f"a fault in gitopsd itself: {what}", "the same command with -v says where")
    return INTERNAL


def _tell(invocation: Invocation, what: str, mend: str = "") -> None:
    terminal = invocation.terminal or Terminal()
    palette = terminal.error_palette
    terminal.warn(f"{palette.paint('error:', Meaning.ERROR)} {clean(what)}")
    if mend:
        terminal.warn(f"  {palette.paint('→', Meaning.STRONG)} {clean(mend)}")

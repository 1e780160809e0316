"""Commands: from what a person types to a pass and back to what that person reads.

What belongs here: options, exit codes, where output goes, asking for a confirmation, and turning
failures into sentences. What does not: anything that another front end would need as well; a
command calls `wiring` and `engine` and prints what they answer.

Modules here import what they use inside functions, so that `--help` and `validate` pay for no SDK.
"""

import signal
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """The console script (`root.main`). While it loads, Ctrl-C ends the process without a word.

    There is nothing to put away yet, and a traceback from the middle of an import helps nobody.
    """
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heard:  # it may be ignored: so be it
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from gitopsd.cli import root

    if heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    root.main()

"""Commands: from what a person types to a pass and back to what that person reads.

What belongs here: options, exit codes, where output goes, asking for a confirmation, and turning
failures into sentences. What does not: anything that another front end would need as well; a
command calls `wiring` and `engine` and prints what they answer.

Modules here import what they use inside functions, so that `--help` and `validate` pay for no SDK.
"""

from gitopsd.cli.root import main

__all__ = ["main"]

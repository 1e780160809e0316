"""Tokens and passwords, which lie in files and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

from gitopsd.ports import Unauthenticated

_WORD = re.compile(r"[!-~]+")


def read_secret(path: Path, about: str) -> str:
    """The one word that a file holds.

    Raises Unauthenticated, which names `about` and the file and never what is in it.
    """
    try:
        text = path.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise Unauthenticated(about, f"the token file {path} cannot be read: {reason}") from error
    return checked_secret(text, about, f"the token file {path}")


def checked_secret(text: str, about: str, origin: str) -> str:
    """The text, if it is one word; raises Unauthenticated, which names `about` and `origin`."""
    if not _WORD.fullmatch(text):
        what = "is empty" if not text else "holds more than one word, or characters beyond ASCII"
        raise Unauthenticated(about, f"{origin} {what}")
    return text

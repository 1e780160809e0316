"""Changing a file of a local folder in one step, if it still is what was read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from gitopsd.ports import RepositoryError


def write_file(path: Path, before: bytes, after: bytes) -> None:
    """Put `after` in the place of `before`; an empty `after` removes the file.

    Nobody ever sees half of it. Raises RepositoryError when the file is not what it was, or cannot
    be written.
    """
    try:
        if path.is_symlink() or path.read_bytes() != before:
            raise RepositoryError(str(path), "has changed since it was read", "do it again")
        if after:
            _replace(path, after)
        else:
            path.unlink()
    except OSError as error:
        raise RepositoryError(str(path), f"cannot be written: {error.strerror}") from error


def _replace(path: Path, content: bytes) -> None:
    mode = path.stat().st_mode
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    aside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        aside.chmod(mode & 0o7777)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)

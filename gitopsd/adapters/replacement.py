"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def replace_file(file: Path, content: bytes, *, mode: int = 0o666, durable: bool = True) -> None:
    """Write a file so that nobody ever sees a part of it, however many write it at a time.

    `mode` are its rights before the umask. One that is `durable` outlives a power cut from the
    return on; no other waits for the disk. A crash may leave a `.tmp` behind. Raises OSError.
    """
    # Processes that share a folder may have one number: each is the first in its container.
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            stream.write(content)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        beside.replace(file)
    except OSError:
        beside.unlink(missing_ok=True)
        raise

"""A file that may be lost at any time: what is in it only saves work."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CacheFile:
    """One file below a cache directory; only its owner can read it."""

    path: Path

    def read(self) -> bytes:
        """What it holds; nothing where it is missing or cannot be read."""
        try:
            return self.path.read_bytes()
        except OSError:
            return b""

    def write(self, content: bytes) -> str:
        """Replace it as a whole; answers why that was not possible, "" when it was."""
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(
                os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
            ) as file:
                file.write(content)
            beside.replace(self.path)
        except OSError as error:
            return error.strerror or str(error)
        return ""

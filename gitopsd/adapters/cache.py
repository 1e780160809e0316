"""A file that may be lost at any time: what is in it only saves work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gitopsd.adapters.replacement import replace_file


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
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self.path, content, mode=0o600, durable=False)
        except OSError as error:
            return error.strerror or str(error)
        return ""

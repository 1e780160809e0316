"""Files of secrets that others show us: of webhooks, and tokens of people."""

from __future__ import annotations

from pathlib import Path


def secrets_in(file: Path) -> list[bytes]:
    """The secrets in a file, one a line; none while it cannot be read. It is read each time."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError:
        return []
    return [line.strip() for line in lines if line.strip()]

"""Which entries of a repository are read, and how many at most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gitopsd.ports import RepositoryError

SUFFIXES = (".yaml", ".yml")

#: Why an entry is not followed, as `Tree.skipped` tells it.
LINK = "it is a symbolic link"
REPOSITORY = "it is a repository of its own (a submodule)"
SPECIAL = "it is not a regular file"
UNREADABLE = "its name or content cannot be read"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a repository is read: bytes of one file, number of files, bytes of all."""

    file_bytes: int = 256 * 1024
    files: int = 50_000
    total_bytes: int = 256 * 1024 * 1024

    def check(self, about: str, files: int, total_bytes: int) -> None:
        """Raises RepositoryError above the limits."""
        if files > self.files:
            detail = f"holds more than {self.files:,} YAML files"
            raise RepositoryError(about, detail, "point gitopsd at a folder of it")
        if total_bytes > self.total_bytes:
            detail = f"holds more than {self.total_bytes >> 20} MiB of YAML"
            raise RepositoryError(about, detail, "point gitopsd at a folder of it")


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is passed over (design §2)."""
    return name.startswith(".")


def is_wanted(path: str) -> bool:
    """Whether the file at this path could hold specs: a YAML file, no part of its path hidden."""
    return path.endswith(SUFFIXES) and not is_passed_over(path)


def is_passed_over(path: str) -> bool:
    """Whether a part of the path is hidden."""
    return is_hidden(path) or "/." in path


def legible(path: str) -> str | None:
    """None for a path that can be shown as it is, otherwise a form of it that can."""
    shown = path.encode("utf-8", "backslashreplace").decode("utf-8")
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in shown)
    return None if shown == path else shown


def chunks(ids: list[str], sizes: dict[str, int], most: int) -> Iterator[list[str]]:
    """Ids in runs whose contents have about `most` bytes at most."""
    run: list[str] = []
    total = 0
    for id_ in ids:
        size = sizes.get(id_, 0)
        if run and total + size > most:
            yield run
            run, total = [], 0
        run.append(id_)
        total += size
    if run:
        yield run

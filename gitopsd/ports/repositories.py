"""The config repository, read, followed and written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of one revision of the config repository.

    `revision` is a commit id, `<id>+dirty` for uncommitted changes, or `none` outside Git. `files`
    maps a path below the root to the id of its content; only regular files that could be YAML are
    in it. `skipped` are entries that were not followed and may hold documents (symbolic links,
    submodules), and why. `folder` is the part of the repository that counts as the root, "" for all
    of it: messages name files by their path within the repository, so they put it before.
    """

    revision: str
    files: Mapping[str, str]
    skipped: tuple[tuple[str, str], ...] = ()
    folder: str = ""


class ConfigSource(Protocol):
    """Where the config repository is read from, at one pinned revision."""

    def tree(self) -> Tree:
        """The files of the revision. Raises RepositoryError, Unreachable, Unauthenticated."""

    def blobs(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Contents by id, in any order; None for one larger than the limit on a file's size."""


class EarlierSource(ConfigSource, Protocol):
    """A revision to compare another one with."""

    def precedes(self, revision: str) -> bool:
        """Whether it is this revision or came before it, as far as is known here."""


class FollowedSource(ConfigSource, Protocol):
    """A repository that is looked at again and again; what it has read stays of one commit."""

    def fetch(self) -> str:
        """Look for new commits and pin the newest; answers its id.

        Raises Unreachable, Unauthenticated, Forbidden, Throttled, RepositoryError (also for a
        commit without a signature that counts); what was pinned before stays pinned then.
        """

    def recall(self) -> str | None:
        """Pin what was fetched last, without asking anybody or waiting for a fetch that hangs; None
        when there is nothing.
        """

    def leave(self) -> None:
        """End the fetch under way, from another thread: it raises Unreachable, as any further one.
        What is here can still be read.
        """

    def includes(self, commit: str, revision: str) -> bool:
        """Whether `commit`, which was pinned once, is `revision` or came after it, as far as is
        known here.
        """


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch that may be committed to: its full name, and its commit, "" before the first."""

    ref: str
    commit: str


class BranchWriter(Protocol):
    """Commits to branches of a repository that nobody has checked out."""

    def branch(self, name: str) -> Branch:
        """A branch, there already or not. Raises RepositoryError when it is checked out."""

    def commit(self, branch: Branch, parent: str, files: Mapping[str, bytes], message: str) -> str:
        """Commit contents by path, empty ones for files that go, on top of commit `parent`.

        Answers the new commit's id. Raises RepositoryError, also when the branch has moved since
        it was looked at.
        """

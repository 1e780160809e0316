"""A commit of a local repository, read where it lies: no clone, no work tree, no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from gitopsd.adapters.git.command import Answer, local_environment, run
from gitopsd.adapters.git.errors import quote, translate
from gitopsd.adapters.git.files import LINK, Limits, legible
from gitopsd.adapters.git.links import Layout
from gitopsd.adapters.git.objects import Damaged, Listing, parse_contents, parse_listing
from gitopsd.adapters.git.revisions import check_local, is_commit_id
from gitopsd.ports import RepositoryError, Tree

_TIMEOUT = 60.0


class CommittedFolder:
    """A ConfigSource: what a revision of the repository at `top` holds in `folder` ("" for all).

    `revision` is whatever names a commit there: a branch, a remote's branch (`origin/main`), a
    tag, an id, what came before one (`HEAD~1`). One that lacks the folder holds no files: it may
    have come later. Raises RepositoryError.
    """

    def __init__(
        self, top: Path, revision: str, folder: str = "", *, limits: Limits | None = None
    ) -> None:
        self._top = top
        self._revision = check_local(revision)
        self._folder = "" if folder == "." else folder
        self._limits = limits or Limits()
        self._commit = ""
        self._sizes: dict[str, int] = {}

    def tree(self) -> Tree:
        """The YAML files of the commit."""
        commit = self._resolved()
        out = self._ask("ls-tree", "-r", "-l", "-z", "--full-tree", commit).out
        try:
            listing = parse_listing(out, self._folder) or Listing()
        except Damaged as error:
            raise self._damaged(error) from error
        self._limits.check(str(self._top), len(listing.files), listing.total())
        self._sizes = listing.sizes
        layout = Layout.of(out) if listing.links else None
        for path, id_ in listing.links.items():
            whole = f"{self._folder}/{path}" if self._folder else path
            ((_, target),) = self._contents([id_])
            if layout is not None and layout.may_hide(whole, target):
                listing.skipped.append((legible(path) or path, LINK))
        return Tree(commit, listing.files, tuple(sorted(listing.skipped)), folder=self._folder)

    def blobs(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Contents by id, None for one above the limit."""
        most = self._limits.file_bytes
        yield from ((id_, None) for id_ in ids if self._sizes.get(id_, 0) > most)
        yield from self._contents([id_ for id_ in ids if self._sizes.get(id_, 0) <= most])

    def precedes(self, revision: str) -> bool:
        """Whether the commit is `revision` or came before it."""
        if not is_commit_id(revision):
            return False
        answer = self._git("merge-base", "--is-ancestor", self._resolved(), revision)
        return answer.status == 0

    def _resolved(self) -> str:
        if not self._commit:
            answer = self._git(
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                f"{self._revision}^{{commit}}",
            )
            commit = answer.out.decode("ascii", "replace").strip()
            if answer.status or not is_commit_id(commit):
                detail = f"has no revision {self._revision!r} here"
                mend = "fetch it first: a pipeline's clone may hold the newest commit only"
                raise RepositoryError(str(self._top), detail, mend)
            self._commit = commit
        return self._commit

    def _contents(self, ids: Sequence[str]) -> list[tuple[str, bytes]]:
        if not ids:
            return []
        given = "".join(f"{id_}\n" for id_ in ids).encode()
        answer = self._ask("cat-file", "--batch", given=given)
        try:
            return list(parse_contents(answer.out))
        except Damaged as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Damaged) -> RepositoryError:
        return RepositoryError(str(self._top), f"lacks a part of {self._revision}: {error}")

    def _ask(self, *arguments: str, given: bytes = b"") -> Answer:
        answer = self._git(*arguments, given=given)
        if answer.status:
            about = str(self._top)
            raise translate(about, answer.err) or RepositoryError(about, quote(answer.err))
        return answer

    def _git(self, *arguments: str, given: bytes = b"") -> Answer:
        # As for a folder that is read from the disk: these commands run nothing of its owner's.
        environment = local_environment(("safe.directory", str(self._top)))
        return run(
            arguments, folder=self._top, environment=environment, timeout=_TIMEOUT, given=given
        )

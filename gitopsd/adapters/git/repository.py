"""One revision of a Git repository, read out of a bare clone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from functools import partial
from pathlib import Path
from typing import TypeVar

from gitopsd.adapters.git.access import GitAccess, parse_remote
from gitopsd.adapters.git.clone import BareClone
from gitopsd.adapters.git.ending import Ending
from gitopsd.adapters.git.files import LINK, Limits, chunks, legible
from gitopsd.adapters.git.links import Layout
from gitopsd.adapters.git.local import LocalFolder
from gitopsd.adapters.git.objects import Damaged, Gone, Listing, parse_contents, parse_listing
from gitopsd.adapters.git.revisions import (
    candidates,
    choose,
    is_abbreviated,
    is_commit_id,
    missing,
)
from gitopsd.adapters.git.signatures import Signers
from gitopsd.ports import ConfigSource, RepositoryError, Tree
from gitopsd.ports.remotes import check_folder, check_revision

T = TypeVar("T")

#: Contents are read in runs of about this many bytes, so that memory stays small.
_RUN_BYTES = 8 * 1024 * 1024


class GitRepository:
    """A ConfigSource: `revision` of the repository at `url`, kept in a clone below `cache_dir`.

    `revision` is a branch, a tag, a commit id or HEAD; `folder` the part of the repository that
    counts as its root. The first `tree` fetches and pins a commit, and everything read afterwards
    is of that commit, however the branch moves; `fetch` looks again. Raises RepositoryError at
    once for a URL or revision that cannot be one. With an `ending` another thread may `leave`.
    """

    def __init__(
        self,
        url: str,
        revision: str = "HEAD",
        *,
        cache_dir: Path,
        access: GitAccess | None = None,
        folder: str = ".",
        limits: Limits | None = None,
        signers: Signers | None = None,
        ending: Ending | None = None,
    ) -> None:
        access = access or GitAccess()
        self._remote = parse_remote(url, access)
        self._revision = check_revision(revision)
        self._folder = check_folder(folder)
        self._limits = limits or Limits()
        directory = cache_dir.expanduser().absolute()
        self._clone = BareClone(self._remote, directory, access, ending)
        self._signers = signers
        self._commit: str | None = None
        self._sizes: dict[str, int] = {}

    def fetch(self) -> str:
        """Look for new commits and pin the newest; answers its id.

        Raises Unreachable, Unauthenticated, Forbidden, Throttled, RepositoryError; what was pinned
        before stays pinned then.
        """
        with self._clone.locked():
            try:
                self._commit = self._trusted()
            except Damaged:
                self._commit = self._anew(GitRepository._trusted)
        return self._commit

    def recall(self) -> str | None:
        """Pin what was fetched last, by whichever process, without asking anybody or waiting for
        whoever fetches.

        Answers its id; None, and nothing is pinned, when the revision was never fetched into this
        cache. For times when the repository cannot be reached. Raises RepositoryError when the
        commit's signature counts no more.
        """
        self._commit = self._last()
        return self._commit

    def leave(self) -> None:
        """See `FollowedSource.leave`."""
        self._clone.leave()

    def includes(self, commit: str, revision: str) -> bool:
        """See `FollowedSource.includes`."""
        both = is_commit_id(commit) and is_commit_id(revision)
        return both and self._clone.is_ancestor(revision, commit)

    def precedes(self, revision: str) -> bool:
        """See `EarlierSource.precedes`."""
        commit = self._commit or self.fetch()
        return is_commit_id(revision) and self._clone.is_ancestor(commit, revision)

    def tree(self) -> Tree:
        """The YAML files of the pinned commit; fetches first when none is pinned."""
        commit = self._commit or self.fetch()
        listing = self._repairing(lambda: self._list(commit))
        self._limits.check(str(self._remote), len(listing.files), listing.total())
        self._sizes = listing.sizes
        skipped = tuple(sorted(listing.skipped))
        return Tree(commit, listing.files, skipped, folder=self._folder)

    def blobs(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Contents by id, None for one above the limit; raises RepositoryError."""
        small = []
        for id_ in ids:
            if self._sizes.get(id_, 0) > self._limits.file_bytes:
                yield id_, None
            else:
                small.append(id_)
        for run in chunks(small, self._sizes, _RUN_BYTES):
            yield from self._repairing(lambda run=run: self._read(run))  # type: ignore[misc]

    # --- steps ---------------------------------------------------------------------------------

    def _update(self) -> str:
        """Bring the revision's commit in, if it is not here; answers its id."""
        if is_commit_id(self._revision):
            return self._update_commit(self._revision)
        if (known := self._update_known(candidates(self._revision)[0])) is not None:
            return known
        refs = self._clone.advertised(candidates(self._revision))
        wanted = choose(self._revision, refs)
        if wanted is None:
            return self._search()
        self._clone.ensure()
        pin = self._clone.pin(wanted.ref)
        here = self._clone.resolve(pin)
        if here is None or here[0] != wanted.id:
            try:
                self._clone.fetch([f"+{wanted.ref}:{pin}"])
            except Gone as error:
                detail = f"{self._revision!r} went away while it was fetched"
                raise RepositoryError(str(self._remote), detail, "try again") from error
            here = self._clone.resolve(pin)
        if here is None:
            raise RepositoryError(str(self._remote), f"{self._revision!r} leads to no commit")
        return here[1]

    def _update_known(self, likeliest: str) -> str | None:
        """As `_update`, where the ref that goes before all others was there before: it is asked for
        at once, for over ssh each question costs a handshake. None where it is gone, was never
        there, or cannot be had for a reason that nobody knows: the clone may be at fault or the
        remote, and only a remote that answers a question can make good what is thrown away.
        """
        pin = self._clone.pin(likeliest)
        if self._clone.resolve(pin) is None:
            return None
        try:
            self._clone.fetch([f"+{likeliest}:{pin}"])
        except (Gone, Damaged):
            return None
        here = self._clone.resolve(pin)
        return here[1] if here else None

    def _trusted(self) -> str:
        """As `_update`; one that was not signed by whom it takes is refused."""
        commit = self._update()
        if commit != self._commit:
            self._trust(commit)
        return commit

    def _trust(self, commit: str) -> None:
        """Keep a commit as the last one that was signed by whom it takes, if that is so."""
        if self._signers is not None:
            self._signers.check(str(self._remote), self._clone, commit)
            self._clone.keep(self._clone.pin(f"trusted {self._revision}"), commit)

    def _last(self) -> str | None:
        if self._signers is not None:
            here = self._clone.resolve(self._clone.pin(f"trusted {self._revision}"))
            if here is not None:
                self._signers.check(str(self._remote), self._clone, here[1])
            return here[1] if here else None
        if is_commit_id(self._revision):
            return self._revision if self._clone.has_commit(self._revision) else None
        kept = (self._clone.resolve(self._clone.pin(ref)) for ref in candidates(self._revision))
        return next((here[1] for here in kept if here is not None), None)

    def _update_commit(self, commit: str) -> str:
        self._clone.ensure()
        if not self._clone.has_commit(commit):
            # Not every server hands out a commit by its id, but those in branches and tags all do.
            self._fetch_all()
        if not self._clone.has_commit(commit):
            raise missing(str(self._remote), commit, self._clone.advertised())
        return commit

    def _search(self) -> str:
        """No branch or tag has the name: it may be the beginning of a commit id."""
        refs = self._clone.advertised()
        if refs and is_abbreviated(self._revision):
            self._clone.ensure()
            self._fetch_all()
            if (here := self._clone.resolve(self._revision)) is not None:
                return here[1]
        raise missing(str(self._remote), self._revision, refs)

    def _fetch_all(self) -> None:
        self._clone.fetch(["+refs/heads/*:refs/remote/heads/*", "+refs/tags/*:refs/remote/tags/*"])

    def _list(self, commit: str) -> Listing:
        out = self._clone.listing(commit)
        listing = parse_listing(out, self._folder)
        if listing is None:
            return self._without_folder()
        if listing.links:
            listing.skipped += self._closed(listing, Layout.of(out))
        return listing

    def _without_folder(self) -> Listing:
        detail = f"has no folder {self._folder!r} in revision {self._revision}"
        raise RepositoryError(str(self._remote), detail)

    def _closed(self, listing: Listing, layout: Layout) -> Iterator[tuple[str, str]]:
        """The links that may hide documents, and why they are not followed."""
        targets = dict(self._read(list(dict.fromkeys(listing.links.values()))))
        for path, id_ in listing.links.items():
            whole = f"{self._folder}/{path}" if self._folder else path
            if layout.may_hide(whole, targets[id_]):
                yield legible(path) or path, LINK

    def _read(self, ids: Sequence[str]) -> list[tuple[str, bytes]]:
        found = list(parse_contents(self._clone.contents(ids)))
        if len(found) != len(ids):
            raise Damaged(f"{len(ids) - len(found)} objects are missing")
        return found

    def _repairing(self, step: Callable[[], T]) -> T:
        """Do a step; when the clone turns out damaged, make it anew once and do it again."""
        try:
            return step()
        except Damaged:
            pass
        with self._clone.locked():
            self._anew(partial(GitRepository._restore, commit=self._commit))
        try:
            return step()
        except Damaged as error:
            raise self._hopeless(error) from error

    def _anew(self, step: Callable[[GitRepository], T]) -> T:
        """Do a step with a clone that is made anew, and takes the place of this one if that has
        gone well: till then nothing that was fetched before is lost.
        """
        twin = copy(self)
        twin._commit = None
        try:
            with self._clone.replacement() as twin._clone:
                return step(twin)
        except Damaged as error:
            raise self._hopeless(error) from error

    def _restore(self, commit: str | None) -> None:
        """Bring a commit that was pinned into a clone that is made anew."""
        self._update()
        if commit is not None:
            if not self._clone.has_commit(commit):
                self._update_commit(commit)
            self._trust(commit)

    def _hopeless(self, error: Damaged) -> RepositoryError:
        return RepositoryError(str(self._remote), f"cannot be read even into a new clone: {error}")


class EarlierRevision(GitRepository):
    """A revision to compare another one with. The folder may have come later: without it there are
    no files.
    """

    def _without_folder(self) -> Listing:
        return Listing()


def open_source(
    path: str | Path | None = None,
    *,
    url: str | None = None,
    revision: str = "HEAD",
    cache_dir: Path | None = None,
    access: GitAccess | None = None,
    limits: Limits | None = None,
) -> ConfigSource:
    """The repository at `url`, with `path` a folder in it; or the local folder at `path`.

    Raises RepositoryError for a URL or path that cannot be one.
    """
    if url is None:
        return LocalFolder(path or ".", limits=limits)
    if cache_dir is None:
        raise RepositoryError(url, "needs a cache directory to be cloned into")
    return GitRepository(
        url,
        revision,
        cache_dir=cache_dir,
        access=access,
        folder=str(path or "."),
        limits=limits,
    )

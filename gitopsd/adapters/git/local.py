"""A folder as it lies on the disk, uncommitted changes included; inside Git or not."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from gitopsd.adapters.git.command import Answer, local_environment, run
from gitopsd.adapters.git.errors import quote, translate
from gitopsd.adapters.git.files import (
    LINK,
    REPOSITORY,
    SPECIAL,
    SUFFIXES,
    UNREADABLE,
    Limits,
    is_hidden,
    legible,
    may_matter,
)
from gitopsd.adapters.git.objects import Listing, blob_id, parse_listing
from gitopsd.adapters.git.revisions import is_commit_id
from gitopsd.ports import RepositoryError, Tree

#: The id of contents above the limit: never read, told apart by their size.
_TOO_LARGE = "larger-than-limit-"
_TIMEOUT = 60.0


class LocalFolder:
    """A ConfigSource: the folder at `path`, whole repository or part of one.

    Each `tree` reads the folder anew, and `blobs` hands out what the last one read, so that a pass
    sees one state even while its author goes on writing. The revision is the commit checked out;
    `+dirty` says that what was read is not what that commit holds. Raises RepositoryError.
    """

    def __init__(self, path: str | Path, *, limits: Limits | None = None) -> None:
        self._path = Path(path).expanduser().absolute()
        self._limits = limits or Limits()
        self._contents: dict[str, bytes] = {}

    def tree(self) -> Tree:
        """The YAML files of the folder; raises RepositoryError."""
        if not self._path.is_dir():
            what = "is not a folder" if self._path.exists() else "does not exist"
            raise RepositoryError(str(self._path), what)
        top = _top_of_repository(self._path)
        commit = self._commit(top) if top else None
        self._contents = {}
        listing = self._walk(sha256=commit is not None and len(commit) == 64)
        revision = "none"
        if top is not None and commit is not None:
            same = listing.files == self._committed(top, commit).files
            revision = commit if same else f"{commit}+dirty"
        return Tree(revision, listing.files, tuple(sorted(listing.skipped)))

    def blobs(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Contents by id, None for one above the limit."""
        for id_ in ids:
            yield id_, self._contents.get(id_)

    # --- the disk ------------------------------------------------------------------------------

    def _walk(self, *, sha256: bool) -> Listing:
        listing = Listing()
        total = 0
        folders = [""]
        while folders:
            folder = folders.pop()
            for entry in self._entries(folder):
                path = folder + entry.name
                if is_hidden(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if (Path(entry.path) / ".git").exists():
                        listing.skipped.append((legible(path) or path, REPOSITORY))
                    else:
                        folders.append(f"{path}/")
                    continue
                total += self._take(listing, path, entry, sha256=sha256)
                self._limits.check(str(self._path), len(listing.files), total)
        return listing

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self._path / folder) as entries:
                return list(entries)
        except OSError as error:
            # Passing over it would look as if everything in it had been deleted.
            about = str(self._path / folder)
            raise RepositoryError(about, f"cannot be read: {error.strerror}") from error

    def _take(self, listing: Listing, path: str, entry: os.DirEntry[str], *, sha256: bool) -> int:
        """Read a file if it may hold specs; answers its size."""
        shown = legible(path)
        if entry.is_symlink():
            if may_matter(path):
                listing.skipped.append((shown or path, LINK))
            return 0
        if not entry.name.endswith(SUFFIXES):
            return 0
        if shown is not None:
            listing.skipped.append((shown, UNREADABLE))
            return 0
        try:
            content = self._read(entry.path)
        except OSError as error:
            listing.skipped.append((path, f"it cannot be read ({error.strerror})"))
            return 0
        if isinstance(content, str):
            listing.skipped.append((path, content))
        elif isinstance(content, int):
            listing.files[path] = f"{_TOO_LARGE}{content}"
        else:
            id_ = blob_id(content, sha256=sha256)
            listing.files[path] = id_
            self._contents[id_] = content
            return len(content)
        return 0

    def _read(self, path: str) -> bytes | int | str:
        """Contents; the size of a file above the limit; or why it is no file to be read."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return SPECIAL
            content = file.read(self._limits.file_bytes + 1)
        if len(content) > self._limits.file_bytes:
            return max(status.st_size, len(content))
        return content

    # --- git -----------------------------------------------------------------------------------

    def _commit(self, top: Path) -> str | None:
        """The commit that is checked out; None before the first one."""
        answer = self._git(top, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
        commit = answer.out.decode("ascii", "replace").strip()
        if answer.status == 0 and is_commit_id(commit):
            return commit
        if answer.status == 1:
            return None
        about = str(top)
        raise translate(about, answer.err) or RepositoryError(about, quote(answer.err))

    def _committed(self, top: Path, commit: str) -> Listing:
        """What the commit holds below our folder, files above the limit as we call them."""
        answer = self._git(top, ["ls-tree", "-r", "-z", "-l", commit])
        if answer.status:
            about = str(top)
            raise translate(about, answer.err) or RepositoryError(about, quote(answer.err))
        listing = parse_listing(answer.out) or Listing()
        for path, id_ in listing.files.items():
            if (size := listing.sizes[id_]) > self._limits.file_bytes:
                listing.files[path] = f"{_TOO_LARGE}{size}"
        return listing

    def _git(self, top: Path, arguments: Sequence[str]) -> Answer:
        # A folder that belongs to another user (mounted into a container) may be read all the
        # same: these commands run no hook, filter or transport, whatever its configuration says.
        environment = local_environment(("safe.directory", str(top)))
        return run(arguments, folder=self._path, environment=environment, timeout=_TIMEOUT)


def _top_of_repository(path: Path) -> Path | None:
    """The folder that holds `.git`, at or above `path`; None outside Git."""
    resolved = path.resolve()
    return next((p for p in (resolved, *resolved.parents) if (p / ".git").exists()), None)

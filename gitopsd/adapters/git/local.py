"""A folder as it lies on the disk, uncommitted changes included; inside Git or not."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from gitopsd.adapters.git.access import top_of_repository
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
)
from gitopsd.adapters.git.objects import Listing, blob_id, parse_listing, start_blob_id
from gitopsd.adapters.git.revisions import is_commit_id
from gitopsd.ports import RepositoryError, Tree

_TIMEOUT = 60.0
#: Files above the limit are named by their contents too, in pieces of this many bytes.
_PIECE = 1 << 20


class _NotReadError(Exception):
    """Why a file is passed over and told."""


class LocalFolder:
    """A ConfigSource: the folder at `path`, whole repository or part of one.

    Each `tree` reads the folder anew, and `blobs` hands out what the last one read, so that a pass
    sees one state even while its author goes on writing. The revision is the commit checked out;
    `+dirty` says that what was read is not what that commit holds. Raises RepositoryError.
    """

    def __init__(self, path: str | Path, *, limits: Limits | None = None) -> None:
        self._path = Path(path).absolute()
        self._limits = limits or Limits()
        self._contents: dict[str, bytes] = {}

    def tree(self) -> Tree:
        """The YAML files of the folder; raises RepositoryError."""
        try:
            mode = self._path.stat().st_mode
        except FileNotFoundError as error:
            mend = (
                "name the folder that holds fleet.yaml, a repository with --repo URL, or for apply"
                " a file of plan --out"
            )
            raise RepositoryError(str(self._path), "does not exist", mend) from error
        except OSError as error:
            raise RepositoryError(str(self._path), f"cannot be read: {error.strerror}") from error
        if not stat.S_ISDIR(mode):
            mend = "name the folder that the file is in: specs are read together with fleet.yaml"
            raise RepositoryError(str(self._path), "is not a folder", mend)
        top = top_of_repository(self._path)
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
        """Read a file if it may hold specs; answers how much of it is kept."""
        if not entry.name.endswith(SUFFIXES) and not _is_link_to_folder(entry):
            return 0
        try:
            id_, content = self._read(path, entry, sha256=sha256)
        except _NotReadError as reason:
            listing.skipped.append((legible(path) or path, str(reason)))
            return 0
        listing.files[path] = id_
        if content is None:
            return 0
        self._contents[id_] = content
        return len(content)

    def _read(
        self, path: str, entry: os.DirEntry[str], *, sha256: bool
    ) -> tuple[str, bytes | None]:
        """The id of a file, and its contents when they are within the limit."""
        if entry.is_symlink():
            raise _NotReadError(LINK)
        if legible(path) is not None:
            raise _NotReadError(UNREADABLE)
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(entry.path, flags), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise _NotReadError(SPECIAL)
                content = file.read(self._limits.file_bytes + 1)
                if len(content) <= self._limits.file_bytes:
                    return blob_id(content, sha256=sha256), content
                naming = start_blob_id(status.st_size, sha256=sha256)
                while content:
                    naming.update(content)
                    content = file.read(_PIECE)
        except OSError as error:
            raise _NotReadError(f"it cannot be read ({error.strerror})") from error
        return naming.hexdigest(), None

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
        """What the commit holds below our folder."""
        answer = self._git(top, ["ls-tree", "-r", "-z", commit])
        if answer.status:
            about = str(top)
            raise translate(about, answer.err) or RepositoryError(about, quote(answer.err))
        return parse_listing(answer.out) or Listing()

    def _git(self, top: Path, arguments: Sequence[str]) -> Answer:
        # A folder that belongs to another user (mounted into a container) may be read all the
        # same: these commands run no hook, filter or transport, whatever its configuration says.
        environment = local_environment(("safe.directory", str(top)))
        return run(arguments, folder=self._path, environment=environment, timeout=_TIMEOUT)


def _is_link_to_folder(entry: os.DirEntry[str]) -> bool:
    """Whether documents may stand where this entry, a link, leads; it is not followed for that."""
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:  # nobody can tell
        return True

"""From settings to where specs are read from, kept, and written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import gitopsd
from gitopsd.config import SourceSettings
from gitopsd.ports import BranchWriter, ConfigSource, EarlierSource, RepositoryError
from gitopsd.spec.contents import SpecCache

if TYPE_CHECKING:
    from gitopsd.adapters.cache import CacheFile
    from gitopsd.adapters.git import GitAccess


def open_config(settings: SourceSettings) -> ConfigSource:
    """Where the specs are read from: a folder, or a repository at one revision.

    Raises the errors of `ConfigSource.tree`.
    """
    from gitopsd.adapters.git import open_source

    return open_source(
        settings.path,
        url=settings.repo,
        revision=settings.revision,
        cache_dir=settings.cache,
        access=_git_access(settings),
    )


def open_base(settings: SourceSettings, revision: str) -> EarlierSource:
    """The same specs at another revision, to compare with.

    Raises RepositoryError where there is no repository, and the errors of `ConfigSource.tree`.
    """
    from gitopsd.adapters.git import CommittedFolder, GitRepository

    if settings.repo is not None:
        return GitRepository(
            settings.repo,
            revision,
            cache_dir=settings.cache,
            access=_git_access(settings),
            folder=settings.path,
        )
    place = within_repository(settings.path)
    if place is None:
        raise RepositoryError(
            settings.path, f"is in no Git repository, so it has no revision {revision!r}"
        )
    top, folder = place
    return CommittedFolder(top, revision, folder)


def _git_access(settings: SourceSettings) -> GitAccess:
    from gitopsd.adapters.git import GitAccess

    return GitAccess(
        token_file=settings.token_file,
        username=settings.username,
        ca_file=settings.ca_file,
        ssh_key=settings.ssh_key,
        known_hosts=settings.known_hosts,
    )


def within_repository(path: str) -> tuple[Path, str] | None:
    """The local repository that a folder is part of, and where in it; None outside Git."""
    from gitopsd.adapters.git.access import top_of_repository

    folder = Path(path).absolute().resolve()
    top = top_of_repository(folder)
    return (top, folder.relative_to(top).as_posix()) if top else None


def local_repository(top: Path) -> BranchWriter:
    """A local repository, to commit to."""
    from gitopsd.adapters.git import LocalRepository

    return LocalRepository(top)


def push_branch(top: Path, ref: str, commit: str, settings: SourceSettings) -> None:
    """Bring a commit to a branch of the remote that a local repository was cloned from.

    Raises RepositoryError, Unreachable, Unauthenticated, Forbidden.
    """
    from gitopsd.adapters.git import push

    push(top, ref, commit, _git_access(settings))


def write_spec_file(path: Path, before: bytes, after: bytes) -> None:
    """Change a file of a local folder; raises RepositoryError when it is not what it was."""
    from gitopsd.adapters.git import write_file

    write_file(path, before, after)


@dataclass(frozen=True, slots=True)
class SavedSpecs:
    """Specs that earlier runs have read from the same place; losing them only costs time."""

    cache: SpecCache
    _file: CacheFile
    _reader: str

    def save(self) -> str:
        """Keep what this run has read for the next one; answers why it could not be kept."""
        from gitopsd.spec.saved import dump

        return self._file.write(dump(self.cache, self._reader)) if self.cache.added else ""


def saved_specs(settings: SourceSettings) -> SavedSpecs:
    """What earlier runs have read from the source that `settings` name."""
    from gitopsd.adapters.cache import CacheFile
    from gitopsd.spec.saved import load

    source = settings.repo or str(Path(settings.path).absolute())
    name = hashlib.sha256(source.encode()).hexdigest()[:16]
    file, reader = CacheFile(settings.cache / f"specs-{name}.json"), _reader()
    return SavedSpecs(load(file.read(), reader), file, reader)


def _reader() -> str:
    """Names this very program: what another version understood is not taken over.

    The version alone would not do while somebody works on the reader.
    """
    folder = Path(gitopsd.__file__).parent / "spec"
    stamps = sorted(
        f"{file.name}:{status.st_size}:{status.st_mtime_ns}"
        for file in folder.glob("*.py")
        for status in [file.stat()]
    )
    return hashlib.sha256("\n".join([gitopsd.__version__, *stamps]).encode()).hexdigest()

"""From settings to where specs are read from, kept, and written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import gitopsd
from gitopsd.config import ScopeSettings, SourceSettings
from gitopsd.model.desired import DesiredState
from gitopsd.model.digest import digest
from gitopsd.ports import BranchWriter, ConfigSource, EarlierSource, RepositoryError, Tree

if TYPE_CHECKING:
    from gitopsd.adapters.cache import CacheFile
    from gitopsd.adapters.git import GitAccess
    from gitopsd.spec.contents import SpecCache


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
    from gitopsd.adapters.git import CommittedFolder, EarlierRevision

    if settings.repo is not None:
        return EarlierRevision(
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

    file = CacheFile(settings.cache / f"specs-{_named(_origin(settings))}.json")
    reader = _program("spec")
    return SavedSpecs(load(file.read(), reader), file, reader)


@dataclass(frozen=True, slots=True)
class KeptState:
    """What an earlier run compiled the same files to; losing it only costs time.

    `scope` is all beside the files that the outcome depends on.
    """

    scope: tuple[str | None, ...] = ()
    _file: CacheFile | None = None

    def key(self, tree: Tree) -> str:
        """Names the files of a revision, the scope, and this very program."""
        program = _program("compiler", "model", "profiles", "rules", "spec") if self._file else ""
        files = sorted(tree.files.items())
        return digest([program, self.scope, tree.folder, files, sorted(tree.skipped)])

    def load(self, key: str) -> DesiredState | None:
        """The state that was kept under this key."""
        from gitopsd.model.compiled import load

        return load(self._file.read(), key) if self._file else None

    def save(self, state: DesiredState, key: str) -> str:
        """Keep a state without errors for the next run; answers why that was not possible."""
        from gitopsd.model.compiled import dump

        return self._file.write(dump(state, key)) if self._file and not state.faulty else ""


#: For what is read but once.
NOTHING_KEPT = KeptState()


def kept_state(settings: SourceSettings, scope: ScopeSettings) -> KeptState:
    """What the last run made of the source that `settings` name, in the same scope."""
    from gitopsd.adapters.cache import CacheFile

    told = (scope.instance, scope.target)
    name = _named(_origin(settings), settings.path, *told)
    return KeptState(told, CacheFile(settings.cache / f"state-{name}.json"))


def _origin(settings: SourceSettings) -> str:
    return settings.repo or str(Path(settings.path).absolute())


def _named(*parts: str | None) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _program(*packages: str) -> str:
    """Names this very program: what another version understood is not taken over.

    The version alone would not do while somebody works on these packages.
    """
    top = Path(gitopsd.__file__).parent
    stamps = sorted(
        f"{file.parent.name}/{file.name}:{status.st_size}:{status.st_mtime_ns}"
        for package in packages
        for file in (top / package).glob("*.py")
        for status in [file.stat()]
    )
    return hashlib.sha256("\n".join([gitopsd.__version__, *stamps]).encode()).hexdigest()

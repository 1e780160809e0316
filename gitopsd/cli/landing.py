"""Where an edit of a spec goes: onto paper, into the folder it was read from, or into a commit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gitopsd.cli.failures import Refusal
from gitopsd.config import SourceSettings
from gitopsd.ports import Branch, BranchWriter
from gitopsd.wiring.sources import local_repository, within_repository, write_spec_file

if TYPE_CHECKING:
    from gitopsd.drift.acceptance import Acceptance


class Landing(Protocol):
    """One way for an edit to go.

    `source` is what specs are to be read from, so that the edit fits where it goes; `folder` goes
    before a file's name to make it the file's path within its repository.
    """

    @property
    def source(self) -> SourceSettings:
        """What specs are read from."""

    @property
    def folder(self) -> str:
        """The part of the repository that files are named in; "" for all of it."""

    def land(self, edit: Acceptance, revision: str, message: str) -> str:
        """Bring the edit there; answers what was made: a file's or a commit's name, or ""."""


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A patch that is printed, and nothing else."""

    source: SourceSettings

    @property
    def folder(self) -> str:
        """A local folder may be a part of a repository; `--repo` names files within it."""
        place = None if self.source.repo else within_repository(self.source.path)
        return "" if place is None or place[1] == "." else place[1]

    def land(self, edit: Acceptance, revision: str, message: str) -> str:  # noqa: ARG002
        """Nothing is made."""
        return ""


@dataclass(frozen=True, slots=True)
class InFolder(OnPaper):
    """The files of a local folder."""

    def land(self, edit: Acceptance, revision: str, message: str) -> str:  # noqa: ARG002
        """Change the file; raises RepositoryError when it is not what was read."""
        path = Path(self.source.path) / edit.file
        write_spec_file(path, edit.before, edit.after)
        return str(path)


@dataclass(frozen=True, slots=True)
class OnBranch:
    """A commit on a branch of a local repository."""

    source: SourceSettings
    repository: BranchWriter
    branch: Branch
    folder: str = ""

    def land(self, edit: Acceptance, revision: str, message: str) -> str:
        """Commit on top of the revision that was read."""
        files = {edit.file: edit.after}
        return self.repository.commit(self.branch, revision, files, message)


def landing(source: SourceSettings, *, write: bool, branch: str | None) -> Landing:
    """The way that was asked for; raises Refusal for one that does not lead anywhere."""
    if branch is not None:
        return _on_branch(source, branch)
    if not write:
        return OnPaper(source)
    if source.repo is not None:
        raise Refusal(
            "--write changes files of a local folder, and --repo reads a repository",
            "commit the edit with --commit --branch NAME, or give the folder instead of --repo",
        )
    return InFolder(source)


def _on_branch(source: SourceSettings, name: str) -> OnBranch:
    """Specs are read from the branch itself, or from what it will start at."""
    place = within_repository(source.repo or source.path)
    if place is None:
        raise Refusal(
            f"{source.repo or source.path} is no local Git repository, so nothing can be"
            " committed to it",
            "pipe the patch into git apply in a clone of it",
        )
    top, inner = place
    repository = local_repository(top)
    branch = repository.branch(name)
    start = branch.ref if branch.commit else source.revision
    folder = source.path if source.repo else inner
    return OnBranch(replace(source, repo=str(top), revision=start, path=folder), repository, branch)

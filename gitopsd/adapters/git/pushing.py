"""Sending a branch of a local repository to where it was cloned from."""

from __future__ import annotations

from pathlib import Path

from gitopsd.adapters.git.access import GitAccess, parse_remote
from gitopsd.adapters.git.command import local_environment, remote_environment, run
from gitopsd.adapters.git.errors import quote, translate
from gitopsd.adapters.git.revisions import short
from gitopsd.ports import RepositoryError
from gitopsd.ports.remotes import check_revision

_TIMEOUT = 60.0
REMOTE = "origin"


def push(folder: Path, ref: str, commit: str, access: GitAccess, *, remote: str = REMOTE) -> None:
    """Bring `commit` to `ref` of the remote, never by force and without running any hook.

    Raises RepositoryError, also where the branch has commits there that are not here, and the
    errors of reaching a repository.
    """
    check_revision(ref)
    target = parse_remote(_url(folder, remote), access)
    secret = access.secret() if target.origin else None
    answer = run(
        ("push", "--porcelain", "--no-verify", "--", target.url, f"{commit}:{ref}"),
        folder=folder,
        environment=remote_environment(target, access, secret),
        timeout=access.timeout,
    )
    if not answer.status:
        return
    about = str(target)
    told = answer.out.decode("utf-8", "replace") + answer.err
    if "[rejected]" in told and ("non-fast-forward" in told or "fetch first" in told):
        detail = f"branch {short(ref)} has commits there that are not here"
        raise RepositoryError(
            about, detail, f"fetch them, or name another branch than {short(ref)}"
        )
    if "[remote rejected]" in told:
        line = next((text for text in told.splitlines() if "[remote rejected]" in text), "")
        raise RepositoryError(about, f"refuses the branch: {quote(line, secret)}")
    raise translate(about, answer.err, secret) or RepositoryError(about, quote(told, secret))


def _url(folder: Path, remote: str) -> str:
    """Where the repository says that its remote is."""
    answer = run(
        ("config", "--local", "--get", f"remote.{remote}.url"),
        folder=folder,
        environment=local_environment(),
        timeout=_TIMEOUT,
    )
    url = answer.out.decode("utf-8", "replace").strip()
    if answer.status or not url:
        detail = f"has no remote {remote!r}, so there is nowhere to push to"
        raise RepositoryError(str(folder), detail, f"git remote add {remote} URL")
    return url

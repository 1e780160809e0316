"""A commit on a branch of a local repository, without its work tree, its index or its hooks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gitopsd.adapters.git.command import Answer, local_environment, run
from gitopsd.adapters.git.errors import quote, translate
from gitopsd.ports import Branch, RepositoryError
from gitopsd.ports.remotes import check_revision

_TIMEOUT = 60.0
_FILE_MODE = "100644"
#: How git knows who commits, beside its configuration.
_PERSON = tuple(
    f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
)


class LocalRepository:
    """A repository on this machine that is committed to by whoever git says we are.

    A `ports.BranchWriter`. Files and index are left alone, so that somebody's uncommitted work has
    no part in it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def branch(self, name: str) -> Branch:
        """A branch, there already or not; raises RepositoryError when it is checked out."""
        ref = f"refs/heads/{check_revision(name)}"
        pattern = "--format=%(refname) %(objectname) %(worktreepath)"
        out = self._ask("for-each-ref", pattern, ref).out.decode("utf-8", "replace")
        for line in out.splitlines():
            found, commit, checked_out = line.split(" ", 2)
            if found == ref and checked_out:
                detail = f"branch {name} is checked out in {checked_out}"
                mend = "name another branch, or change the files there with --write"
                raise RepositoryError(str(self._folder), detail, mend)
            if found == ref:
                return Branch(ref, commit)
        return Branch(ref, "")

    def commit(self, branch: Branch, parent: str, files: Mapping[str, bytes], message: str) -> str:
        """Commit contents by path, empty ones for files that go, on top of `parent`.

        Answers the new commit's id. Raises RepositoryError, also when the branch has moved since
        it was looked at.
        """
        with tempfile.TemporaryDirectory(prefix="gitopsd-") as scratch:
            index = ("GIT_INDEX_FILE", str(Path(scratch) / "index"))
            self._ask("read-tree", parent, variables=(index,))
            for path, content in files.items():
                self._stage(parent, path, content, index)
            tree = self._word("write-tree", variables=(index,))
        commit = self._person("commit-tree", tree, "-p", parent, "-F", "-", given=message.encode())
        expected = branch.commit or "0" * len(parent)
        self._ask("update-ref", "-m", "gitopsd drift accept", branch.ref, commit, expected)
        return commit

    # --- steps ---------------------------------------------------------------------------------

    def _stage(self, parent: str, path: str, content: bytes, index: tuple[str, str]) -> None:
        if not content:
            self._ask("update-index", "--force-remove", "--", path, variables=(index,))
            return
        entry = self._ask("ls-tree", "-z", "--full-tree", parent, "--", path).out
        mode = entry.split(b" ", 1)[0].decode() or _FILE_MODE
        blob = self._word("hash-object", "-w", "--stdin", "--no-filters", given=content)
        told = f"{mode},{blob},{path}"
        self._ask("update-index", "--add", "--cacheinfo", told, variables=(index,))

    def _word(
        self, *arguments: str, given: bytes = b"", variables: tuple[tuple[str, str], ...] = ()
    ) -> str:
        return self._ask(*arguments, given=given, variables=variables).out.decode().strip()

    def _ask(
        self, *arguments: str, given: bytes = b"", variables: tuple[tuple[str, str], ...] = ()
    ) -> Answer:
        return self._run(arguments, local_environment() | dict(variables), given)

    def _person(self, *arguments: str, given: bytes) -> str:
        """Run a command that has to know who we are: the person's own configuration tells."""
        environment = local_environment(("user.useConfigOnly", "true"))
        del environment["GIT_CONFIG_GLOBAL"], environment["GIT_CONFIG_NOSYSTEM"]
        told = (*_PERSON, "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
        environment |= {name: os.environ[name] for name in told if name in os.environ}
        return self._run(arguments, environment, given).out.decode().strip()

    def _run(
        self, arguments: tuple[str, ...], environment: Mapping[str, str], given: bytes
    ) -> Answer:
        answer = run(
            arguments, folder=self._folder, environment=environment, timeout=_TIMEOUT, given=given
        )
        if not answer.status:
            return answer
        about = str(self._folder)
        if (
            "empty ident name" in answer.err
            or "user.useConfigOnly" in answer.err
            or ("auto-detection is disabled" in answer.err)
        ):
            mend = "git config --global user.name NAME; git config --global user.email EMAIL"
            raise RepositoryError(about, "git does not know who commits", mend)
        if "but expected" in answer.err or "reference already exists" in answer.err:
            raise RepositoryError(about, "the branch has moved meanwhile", "do it again")
        raise translate(about, answer.err) or RepositoryError(about, quote(answer.err))

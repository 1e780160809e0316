"""A bare clone that is kept between runs: fetched into, read from, made anew when it is damaged.

Several processes may share it. Whoever changes it holds its lock, which the system takes back when
a process dies; readers need none, for objects never change and what a pass reads is kept by a ref.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from pathlib import Path

from gitopsd.adapters.git.access import GitAccess
from gitopsd.adapters.git.command import Answer, local_environment, remote_environment, run
from gitopsd.adapters.git.ending import Ending
from gitopsd.adapters.git.errors import quote, translate
from gitopsd.adapters.git.objects import Damaged, Gone
from gitopsd.adapters.git.revisions import Advertised, is_commit_id, parse_advertised
from gitopsd.adapters.git.sharing import SharedConnection
from gitopsd.ports import RepositoryError, Unreachable
from gitopsd.ports.remotes import Remote

#: Where refs of the remote are kept; short names are hashed, so that none of them meets another.
_PINS = "refs/gitopsd/"
#: Seconds between two looks at whether another process is done with the clone.
_TURN = 0.1


class BareClone:
    """The clone of one remote below a cache directory."""

    def __init__(
        self, remote: Remote, directory: Path, access: GitAccess, ending: Ending | None = None
    ) -> None:
        self._remote = remote
        self._access = access
        self._ending = ending
        shares = ending is not None and remote.transport == "ssh"
        self._shared = SharedConnection(access) if shares else None
        self._beside: Path | None = None
        self._home = directory / hashlib.sha256(str(remote).encode()).hexdigest()[:32]
        self._sha256 = (self._home / "clone-sha256.git").exists()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone with the clone; waits until another process is done with it. Raises Unreachable
        when that was ended.
        """
        try:
            self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            self._lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    # --- the remote ----------------------------------------------------------------------------

    def advertised(self, patterns: Sequence[str] = ()) -> list[Advertised]:
        """The remote's refs, all branches and tags or those that end like a pattern.

        Raises Unreachable, Unauthenticated, Forbidden, Throttled, RepositoryError.
        """
        kinds = [] if patterns else ["--heads", "--tags"]
        answer = self._reach(["ls-remote", "--quiet", *kinds, "--", self._remote.url, *patterns])
        if answer.status:
            self._raise(answer)
        refs = parse_advertised(answer.out)
        self._sha256 = any(len(advertised.id) == 64 for advertised in refs)
        return refs

    def fetch(self, refspecs: Sequence[str]) -> None:
        """Bring refs or commits in; raises as `advertised`, Gone for a ref that is not there, and
        Damaged for unknown failures.
        """
        options = ["--quiet", "--force", "--no-tags", "--no-recurse-submodules"]
        options += ["--no-write-fetch-head", "--no-show-forced-updates"]
        options += ["--update-shallow"]  # a remote that is a shallow clone hands out what it has
        command = [*self._at(), "fetch", *options, "--", self._remote.url, *refspecs]
        answer = self._reach(command)
        if answer.status and "couldn't find remote ref" in answer.err:
            raise Gone
        if answer.status:
            self._raise(answer, otherwise=Damaged(quote(answer.err)))

    def leave(self) -> None:
        """Reach the remote no more: what is under way ends, from any thread."""
        if self._ending is not None:
            self._ending.end()
        if self._shared is not None:
            self._shared.end()

    # --- the clone -----------------------------------------------------------------------------

    def ensure(self) -> None:
        """Make the clone if it is not there: in one step, so that nobody sees half of it."""
        if (self._path / "HEAD").is_file() and (self._path / "objects").is_dir():
            return
        try:
            shutil.rmtree(self._path, ignore_errors=True)
            made = Path(tempfile.mkdtemp(prefix="new-", dir=self._home))
            form = "--object-format=" + ("sha256" if self._sha256 else "sha1")
            answer = self._local(["init", "--quiet", "--bare", "--template=", form, str(made)])
            if answer.status:
                shutil.rmtree(made, ignore_errors=True)
                raise RepositoryError(f"cache {self._home}", quote(answer.err))
            made.rename(self._path)
        except OSError as error:
            raise self._unusable(error) from error

    @contextmanager
    def replacement(self) -> Iterator[BareClone]:
        """Another clone, without anything in it, that takes the place of this one when the block
        ends well. To be used alone with the clone; readers of this one need not be.
        """
        try:
            for left in self._home.glob("new-*"):  # by a process that was killed
                shutil.rmtree(left, ignore_errors=True)
            folder = Path(tempfile.mkdtemp(prefix="new-", dir=self._home))
        except OSError as error:
            raise self._unusable(error) from error
        try:
            fresh = copy(self)
            fresh._beside = folder / "clone"
            yield fresh
            self._replace(fresh, folder / "old")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _replace(self, fresh: BareClone, old: Path) -> None:
        made, self._sha256 = fresh._path, fresh._sha256
        try:
            if self._path.exists():
                self._path.rename(old)
            made.rename(self._path)
        except OSError as error:
            raise self._unusable(error) from error

    def pin(self, ref: str) -> str:
        """The name under which a ref of the remote is kept here."""
        return _PINS + hashlib.sha256(ref.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def resolve(self, name: str) -> tuple[str, str] | None:
        """The id at `name` and the commit it leads to; None when there is no such commit here.

        `name` is a ref of ours or hexadecimal digits, never what a user wrote.
        """
        answer = self._local([*self._at(), "rev-parse", name, f"{name}^{{commit}}"])
        ids = answer.out.decode("ascii", "replace").split()
        if answer.status or len(ids) != 2 or not all(map(is_commit_id, ids)):
            return None
        return ids[0], ids[1]

    def has_commit(self, commit: str) -> bool:
        """Whether this commit is here."""
        answer = self._local([*self._at(), "cat-file", "-t", commit])
        return answer.status == 0 and answer.out.strip() == b"commit"

    def is_ancestor(self, commit: str, of: str) -> bool:
        """Whether both are here, and `of` is the same commit or came after it."""
        return self._local([*self._at(), "merge-base", "--is-ancestor", commit, of]).status == 0

    def verify(self, commit: str, *, gnupg_home: Path, ssh_signers: Path) -> Answer:
        """The answer of `verify-commit`: status 0 when one of these keys signed the commit."""
        environment = local_environment(("gpg.ssh.allowedSignersFile", str(ssh_signers)))
        environment["GNUPGHOME"] = str(gnupg_home)
        return self._run([*self._at(), "verify-commit", commit], environment)

    def keep(self, name: str, commit: str) -> None:
        """Keep a commit under a name of ours; raises Damaged."""
        answer = self._local([*self._at(), "update-ref", name, commit])
        if answer.status:
            raise Damaged(quote(answer.err))

    def listing(self, commit: str) -> bytes:
        """The answer of `ls-tree -r -z -l`; raises Damaged."""
        answer = self._local([*self._at(), "ls-tree", "-r", "-z", "-l", "--full-tree", commit])
        if answer.status:
            raise Damaged(quote(answer.err))
        return answer.out

    def contents(self, ids: Sequence[str]) -> bytes:
        """The answer of `cat-file --batch`; raises Damaged."""
        given = "".join(f"{id_}\n" for id_ in ids).encode()
        answer = self._local([*self._at(), "cat-file", "--batch", "--buffer"], given)
        if answer.status:
            raise Damaged(quote(answer.err))
        return answer.out

    # --- git -----------------------------------------------------------------------------------

    @property
    def _path(self) -> Path:
        if self._beside is not None:
            return self._beside
        return self._home / ("clone-sha256.git" if self._sha256 else "clone.git")

    def _at(self) -> list[str]:
        return [f"--git-dir={self._path}"]

    def _lock(self, descriptor: int) -> None:
        if self._ending is None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            return
        while not _taken(descriptor):
            if self._ending.wait(_TURN):
                raise self._ended()

    def _local(self, arguments: Sequence[str], given: bytes = b"") -> Answer:
        return self._run(arguments, local_environment(), given)

    def _reach(self, arguments: Sequence[str]) -> Answer:
        shared = self._shared
        answer = self._ask(arguments, shared.command() if shared else None)
        if not answer.status or shared is None or not shared.at_fault(answer.err):
            return answer
        if not isinstance(translate("", answer.err), Unreachable):
            return answer
        shared.renew()  # the connection may have been lost, and not the remote
        return self._ask(arguments)

    def _ask(self, arguments: Sequence[str], ssh: str | None = None) -> Answer:
        environment = remote_environment(self._remote, self._access, self._secret(), ssh)
        answer = self._run(arguments, environment, ending=self._ending)
        if self._ending is not None and self._ending.over:
            raise self._ended()
        return answer

    def _run(
        self,
        arguments: Sequence[str],
        environment: dict[str, str],
        given: bytes = b"",
        ending: Ending | None = None,
    ) -> Answer:
        # Nothing above the cache is taken for a repository.
        environment["GIT_CEILING_DIRECTORIES"] = str(self._home.parent)
        timeout = self._access.timeout
        return run(
            arguments,
            folder=self._home,
            environment=environment,
            timeout=timeout,
            given=given,
            ending=ending,
        )

    def _secret(self) -> str | None:
        return self._access.secret() if self._remote.origin else None

    def _raise(self, answer: Answer, otherwise: Exception | None = None) -> None:
        about = str(self._remote)
        secret = self._secret()
        known = translate(about, answer.err, secret)
        # What names the clone is about the clone, and not about the remote.
        if known is not None and (otherwise is None or str(self._home) not in answer.err):
            raise known
        raise otherwise or RepositoryError(about, quote(answer.err, secret) or "git failed")

    def _ended(self) -> Unreachable:
        return Unreachable(str(self._remote), "was not waited for any longer")

    def _unusable(self, error: OSError) -> RepositoryError:
        reason = error.strerror or str(error)
        mend = "name another one with --cache-dir" if error.filename else ""
        return RepositoryError(f"cache {self._home}", f"cannot be used: {reason}", mend)


def _taken(lock: int) -> bool:
    """Whether a lock is ours now; False while somebody else has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

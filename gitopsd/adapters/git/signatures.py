"""Whose commits count: judged by the exit code of `git verify-commit`, never by its words.

git says "Good signature" also of signers that nobody named; its exit code tells the difference
(git-verify-commit(1); `gpg.ssh.allowedSignersFile` in git-config(1)).
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gitopsd.adapters.git.clone import BareClone
from gitopsd.adapters.git.errors import quote
from gitopsd.ports import Misconfigured, RepositoryError

_IMPORT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Signers:
    """Files of public keys: GPG's as `gpg --export` writes them, and ssh's `allowed_signers`.

    They are read again for every commit, so that a key that is taken out counts no more.
    """

    gpg_key_files: tuple[Path, ...] = ()
    ssh_signers_file: Path | None = None

    def check(self, about: str, clone: BareClone, commit: str) -> None:
        """Return if one of them signed the commit; raises RepositoryError, and Misconfigured for
        a file that cannot be read.
        """
        with self._keyring() as home:
            allowed = self.ssh_signers_file or Path(os.devnull)
            answer = clone.verify(commit, gnupg_home=home, ssh_signers=allowed)
        if answer.status:
            words = quote(answer.err) or "it has no signature"
            raise RepositoryError(
                about,
                f"commit {commit[:12]} is signed by nobody who is trusted; git says: {words}",
                "sign it with a key that the settings name; until then the last one that was "
                "trusted counts",
            )

    @contextmanager
    def _keyring(self) -> Iterator[Path]:
        """A home for GPG that knows these keys and no others."""
        for file in (*self.gpg_key_files, *filter(None, [self.ssh_signers_file])):
            if not os.access(file, os.R_OK):
                raise Misconfigured(f"key file {file}", "cannot be read", "check its path")
        # A short path: GPG's sockets lie in it, and theirs are limited to 108 bytes.
        with tempfile.TemporaryDirectory(prefix="gx") as folder:
            home = Path(folder)
            home.chmod(0o700)
            if self.gpg_key_files:
                _import(home, self.gpg_key_files)
            yield home


def _import(home: Path, files: tuple[Path, ...]) -> None:
    command = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--no-autostart", "--import"]
    about = "the GPG keys of the settings"
    try:
        done = subprocess.run(  # noqa: S603  a fixed program; files as arguments after it
            [*command, "--", *map(str, files)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_IMPORT_SECONDS,
            check=False,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Misconfigured(about, f"gpg cannot be run: {error}", "install gnupg") from error
    if done.returncode:
        raise Misconfigured(about, quote(done.stderr), "export them with gpg --export --armor")

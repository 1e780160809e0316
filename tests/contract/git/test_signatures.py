"""Whose commits count, with real keys of both kinds."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gitopsd.adapters.git import GitRepository, Signers
from gitopsd.ports import Misconfigured, RepositoryError
from tests.contract.git.authoring import ENVIRONMENT, Author

WHO = "ada@example.com"

pytestmark = pytest.mark.skipif(
    not (shutil.which("gpg") and shutil.which("ssh-keygen")), reason="needs gpg and ssh-keygen"
)


def run(*command: str | Path, **more: str) -> str:
    done = subprocess.run(
        [*map(str, command)],
        env={**ENVIRONMENT, **more},
        capture_output=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout.decode()


@dataclass
class Keys:
    """Two people: ada, whom the settings name, and eve, whom they do not."""

    folder: Path

    def ssh(self, name: str) -> Path:
        key = self.folder / name
        if not key.exists():
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key)
        return key

    @property
    def signers(self) -> Path:
        file = self.folder / "allowed_signers"
        public = self.ssh("ada").with_suffix(".pub").read_text().split()
        file.write_text(f'{WHO} namespaces="git" {public[0]} {public[1]}\n')
        return file

    def gpg(self, name: str) -> tuple[Path, Path]:
        """A home with a new key, and the file of its public part."""
        home, public = self.folder / f"g{name}", self.folder / f"{name}.asc"
        home.mkdir(mode=0o700)
        made = ["--batch", "--passphrase", "", "--quick-generate-key", f"{name} <{WHO}>"]
        run("gpg", "--homedir", home, *made, "ed25519", "sign", "never")
        public.write_text(run("gpg", "--homedir", home, "--armor", "--export"))
        return home, public


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keys]:
    folder = tmp_path / "keys"
    folder.mkdir()
    yield Keys(folder)
    for home in folder.glob("g*"):
        subprocess.run(
            ["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, capture_output=True
        )


@pytest.fixture
def author(tmp_path: Path) -> Author:
    return Author(tmp_path / "work")


def signed(author: Author, *how: str, text: str, **environment: str) -> str:
    author.write("a.yaml", text)
    run("git", "-C", author.folder, "add", "-A")
    run("git", "-C", author.folder, *how, "commit", "-q", "-S", "-m", "signed", **environment)
    return run("git", "-C", author.folder, "rev-parse", "HEAD").strip()


def with_ssh(author: Author, key: Path, text: str) -> str:
    return signed(author, "-c", "gpg.format=ssh", "-c", f"user.signingkey={key}.pub", text=text)


def followed(author: Author, tmp_path: Path, signers: Signers) -> GitRepository:
    return GitRepository(str(author.folder), "main", cache_dir=tmp_path / "cache", signers=signers)


def test_a_commit_by_a_named_ssh_key_is_read(author: Author, keys: Keys, tmp_path: Path) -> None:
    commit = with_ssh(author, keys.ssh("ada"), "a: 1\n")
    repository = followed(author, tmp_path, Signers(ssh_signers_file=keys.signers))
    assert repository.fetch() == commit


@pytest.mark.parametrize("who", ["nobody", "eve"])
def test_what_nobody_trusted_signed_is_refused_and_what_was_read_before_stays(
    author: Author, keys: Keys, tmp_path: Path, who: str
) -> None:
    good = with_ssh(author, keys.ssh("ada"), "a: 1\n")
    signers = Signers(ssh_signers_file=keys.signers)
    repository = followed(author, tmp_path, signers)
    repository.fetch()
    if who == "eve":
        with_ssh(author, keys.ssh("eve"), "a: 2\n")
    else:
        author.commit(a="a: 2\n")
    with pytest.raises(RepositoryError, match="nobody who is trusted"):
        repository.fetch()
    assert repository.tree().revision == good
    with pytest.raises(RepositoryError, match="nobody who is trusted"):
        followed(author, tmp_path, signers).fetch()
    assert followed(author, tmp_path, signers).recall() == good


def test_a_key_that_is_taken_out_counts_no_more(author: Author, keys: Keys, tmp_path: Path) -> None:
    with_ssh(author, keys.ssh("ada"), "a: 1\n")
    signers = Signers(ssh_signers_file=keys.signers)
    followed(author, tmp_path, signers).fetch()
    keys.signers.write_text("")
    with pytest.raises(RepositoryError):
        followed(author, tmp_path, Signers(ssh_signers_file=Path(os.devnull))).recall()


def test_gpg_signers_are_judged_by_their_keys(author: Author, keys: Keys, tmp_path: Path) -> None:
    ada, public = keys.gpg("ada")
    eve, _ = keys.gpg("eve")
    repository = followed(author, tmp_path, Signers(gpg_key_files=(public,)))
    good = signed(author, "-c", f"user.signingkey={WHO}", text="a: 1\n", GNUPGHOME=str(ada))
    assert repository.fetch() == good
    signed(author, "-c", f"user.signingkey={WHO}", text="a: 2\n", GNUPGHOME=str(eve))
    with pytest.raises(RepositoryError, match="nobody who is trusted"):
        repository.fetch()


def test_a_key_file_that_is_missing_is_named(author: Author, tmp_path: Path) -> None:
    author.commit(a="a: 1\n")
    missing = tmp_path / "nowhere.asc"
    with pytest.raises(Misconfigured, match=r"nowhere\.asc"):
        followed(author, tmp_path, Signers(gpg_key_files=(missing,))).fetch()

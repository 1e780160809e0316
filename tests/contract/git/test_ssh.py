"""Git over ssh: what ssh is told, and what its refusals mean."""

from __future__ import annotations

import shlex
from itertools import pairwise
from pathlib import Path

import pytest

from gitopsd.adapters.git import GitAccess, GitRepository
from gitopsd.ports import RepositoryError, Unauthenticated, Unreachable, WorldError
from tests.contract.git.authoring import Author


def fake_ssh(folder: Path, body: str) -> str:
    """A program in place of ssh that keeps its arguments, one a line, and then does `body`."""
    program = folder / "our ssh"
    program.write_text(
        f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {shlex.quote(str(folder / 'arguments'))}\n{body}\n"
    )
    program.chmod(0o755)
    return str(program)


#: As sshd does: the last argument is a command for the shell.
_SERVE = 'for last; do :; done; exec sh -c "$last"'


@pytest.mark.parametrize("form", ["ssh://git@host.invalid{path}", "git@host.invalid:{path}"])
def test_a_repository_is_read_over_ssh(
    author: Author, cache: Path, tmp_path: Path, form: str
) -> None:
    commit = author.commit(a="1")
    access = GitAccess(
        ssh_program=fake_ssh(tmp_path, _SERVE),
        ssh_key=tmp_path / "a key",
        known_hosts=tmp_path / "known hosts",
    )
    url = form.format(path=author.folder)
    assert GitRepository(url, cache_dir=cache, access=access).tree().revision == commit
    arguments = (tmp_path / "arguments").read_text().splitlines()
    pairs = set(pairwise(arguments))
    for option in (
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        "IdentitiesOnly=yes",
        "GlobalKnownHostsFile=/dev/null",
        f'UserKnownHostsFile="{tmp_path}/known hosts"',
    ):
        assert ("-o", option) in pairs
    assert {("-F", "/dev/null"), ("-i", f"{tmp_path}/a key")} <= pairs
    assert "git@host.invalid" in arguments


def test_a_branch_that_is_known_is_looked_at_in_one_connection(
    author: Author, cache: Path, tmp_path: Path
) -> None:
    made = tmp_path / "connections"
    counted = f"echo >> {shlex.quote(str(made))}; {_SERVE}"
    access = GitAccess(ssh_program=fake_ssh(tmp_path, counted))
    url = f"git@host.invalid:{author.folder}"
    author.commit(a="1")
    GitRepository(url, "main", cache_dir=cache, access=access).fetch()
    repository = GitRepository(url, "main", cache_dir=cache, access=access)
    for file in ("b", "c"):
        commit = author.commit(**{file: "2"})
        for _ in ("something new", "nothing new"):
            made.unlink()
            assert repository.fetch() == commit
            assert made.read_text() == "\n"


def test_without_a_key_ssh_uses_its_own(author: Author, cache: Path, tmp_path: Path) -> None:
    author.commit(a="1")
    access = GitAccess(ssh_program=fake_ssh(tmp_path, _SERVE))
    GitRepository(f"host.invalid:{author.folder}", cache_dir=cache, access=access).tree()
    arguments = (tmp_path / "arguments").read_text()
    assert "-i\n" not in arguments
    assert "KnownHostsFile" not in arguments
    assert "StrictHostKeyChecking=yes" in arguments


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("git@h: Permission denied (publickey).", Unauthenticated),
        ("Host key verification failed.", RepositoryError),
        ('Load key "/k": invalid format', Unauthenticated),
        ("ssh: Could not resolve hostname h: Name or service not known", Unreachable),
        ("ssh: connect to host h port 22: Connection timed out", Unreachable),
        ("Connection closed by 10.0.0.1 port 22", Unreachable),
        ("ERROR: Repository not found.", RepositoryError),
        ("remote: The project you were looking for could not be found", RepositoryError),
    ],
)
def test_each_refusal_has_its_error(
    cache: Path, tmp_path: Path, words: str, error: type[WorldError]
) -> None:
    access = GitAccess(ssh_program=fake_ssh(tmp_path, f"echo {shlex.quote(words)} >&2; exit 255"))
    with pytest.raises(error) as caught:
        GitRepository("git@host.invalid:x.git", cache_dir=cache, access=access).tree()
    assert type(caught.value) is error


def test_a_token_is_not_offered_over_ssh(author: Author, cache: Path, tmp_path: Path) -> None:
    author.commit(a="1")
    keep = f"env > {shlex.quote(str(tmp_path / 'environment'))}; {_SERVE}"
    access = GitAccess(ssh_program=fake_ssh(tmp_path, keep), token="s3cret")
    GitRepository(f"host.invalid:{author.folder}", cache_dir=cache, access=access).tree()
    assert "s3cret" not in (tmp_path / "environment").read_text()

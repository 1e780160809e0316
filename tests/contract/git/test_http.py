"""Git over HTTP: credentials go where they belong and nowhere else; failures have names."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitopsd.adapters.git import GitAccess, GitRepository
from gitopsd.ports import (
    Forbidden,
    RepositoryError,
    Throttled,
    Unauthenticated,
    Unreachable,
    WorldError,
)
from tests.contract.git.authoring import Author
from tests.contract.git.serving import Manners, Server, certify, serve

SECRET = "s3cret-tok3n"


@pytest.fixture
def server(author: Author) -> Iterator[Server]:
    author.commit(a="1")
    with serve(author.folder.parent) as server:
        yield server


def opened(server: Server, cache: Path, access: GitAccess | None = None) -> GitRepository:
    return GitRepository(f"{server.url}/config/.git", "main", cache_dir=cache, access=access)


def test_a_repository_is_read_over_http(server: Server, cache: Path, author: Author) -> None:
    repository = opened(server, cache)
    assert set(repository.tree().files) == {"a.yaml"}
    commit = author.commit(b="2")
    assert repository.fetch() == commit
    assert set(repository.tree().files) == {"a.yaml", "b.yaml"}


def test_looking_for_new_commits_in_vain_is_one_question(server: Server, cache: Path) -> None:
    repository = opened(server, cache)
    repository.fetch()
    server.manners.asked.clear()
    repository.fetch()
    assert len(server.manners.asked) == 2
    assert all("git-upload-pack" in path for path in server.manners.asked)


@pytest.mark.parametrize("how", ["token", "file"])
def test_a_right_credential_opens_the_repository(
    server: Server, cache: Path, tmp_path: Path, how: str
) -> None:
    server.manners.password = SECRET
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    access = GitAccess(token=SECRET) if how == "token" else GitAccess(token_file=file)
    assert set(opened(server, cache, access).tree().files) == {"a.yaml"}


def test_a_rotated_token_is_read_again(server: Server, cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old")
    server.manners.password = "old"
    repository = opened(server, cache, GitAccess(token_file=file))
    repository.fetch()
    file.write_text("new")
    server.manners.password = "new"
    repository.fetch()


@pytest.mark.parametrize("access", [GitAccess(), GitAccess(token="wr0ng")])
def test_no_credential_or_a_wrong_one_is_told_as_such(
    server: Server, cache: Path, access: GitAccess
) -> None:
    server.manners.password = SECRET
    with pytest.raises(Unauthenticated) as caught:
        opened(server, cache, access).tree()
    assert "credential is missing or was refused" in str(caught.value)
    assert "wr0ng" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "detail"), [(None, "cannot be read"), ("", "is empty"), ("a b", "more than one")]
)
def test_a_token_file_that_holds_none_is_told_by_its_path(
    server: Server, cache: Path, tmp_path: Path, content: str | None, detail: str
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    with pytest.raises(Unauthenticated, match=detail) as caught:
        opened(server, cache, GitAccess(token_file=file)).tree()
    assert str(file) in str(caught.value)


def test_a_secret_is_kept_nowhere(server: Server, cache: Path) -> None:
    server.manners.password = SECRET
    access = GitAccess(token=SECRET)
    opened(server, cache, access).tree()
    assert SECRET not in repr(access)
    for path in cache.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes()


def test_a_credential_does_not_follow_a_redirect_to_another_host(
    server: Server, cache: Path, tmp_path: Path
) -> None:
    with serve(tmp_path, Manners(password=SECRET)) as other:
        server.manners.redirect = other.url
        with pytest.raises(WorldError):
            opened(server, cache, GitAccess(token=SECRET)).tree()
        assert other.manners.asked
        assert set(other.manners.offered) == {None}


@pytest.mark.parametrize("target", ["file:///etc", "ftp://127.0.0.1", "ext::touch"])
def test_a_redirect_to_another_transport_is_not_followed(
    server: Server, cache: Path, target: str
) -> None:
    server.manners.redirect = target
    with pytest.raises(WorldError):
        opened(server, cache).tree()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, Forbidden),
        (404, RepositoryError),
        (429, Throttled),
        (500, Unreachable),
        (503, Unreachable),
        (200, RepositoryError),
    ],
)
def test_each_answer_has_its_error(
    server: Server, cache: Path, status: int, error: type[WorldError]
) -> None:
    server.manners.status = status
    server.manners.body = b"<html>hello</html>"
    with pytest.raises(error) as caught:
        opened(server, cache).tree()
    assert type(caught.value) is error
    assert caught.value.about == f"{server.url}/config/.git"


@pytest.mark.parametrize(
    "advertisement",
    [
        b"<html>sign in</html>",
        b"001e# service=git-upload-pack\n0000000eversion 2\n",
        b"001e# service=git-upload-pack\n0000001aERR we move elsewhere\n",
    ],
    ids=["garbled", "broken off", "an error of its own"],
)
def test_an_answer_that_makes_no_sense_costs_nothing_that_was_fetched(
    server: Server, cache: Path, author: Author, advertisement: bytes
) -> None:
    repository = opened(server, cache)
    first = repository.fetch()
    server.manners.status, server.manners.body = 200, advertisement
    server.manners.headers = {"Content-Type": "application/x-git-upload-pack-advertisement"}
    with pytest.raises(WorldError):
        repository.fetch()
    assert repository.includes(first, first)
    assert opened(server, cache).recall() == first
    assert set(repository.tree().files) == {"a.yaml"}
    server.manners.status = None
    assert repository.fetch() == first
    second = author.commit(b="2")
    assert repository.fetch() == second


def test_over_https_the_certificate_decides(author: Author, cache: Path, tmp_path: Path) -> None:
    author.commit(a="1")
    certificate = certify(tmp_path)
    manners = Manners(password=SECRET)
    with serve(author.folder.parent, manners, certificate) as server:
        with pytest.raises(Unreachable, match="secure connection"):
            opened(server, cache, GitAccess(token=SECRET)).tree()
        assert manners.offered == []
        access = GitAccess(token=SECRET, ca_file=certificate)
        assert set(opened(server, cache, access).tree().files) == {"a.yaml"}


def test_a_server_that_is_not_there_is_unreachable(cache: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
        with pytest.raises(Unreachable, match="no connection"):
            GitRepository(url, cache_dir=cache).tree()


def test_a_server_that_never_answers_is_unreachable_after_the_time_allowed(cache: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        with pytest.raises(Unreachable, match="in time"):
            GitRepository(url, cache_dir=cache, access=GitAccess(timeout=0.5)).tree()


def test_a_name_that_nobody_knows_is_unreachable(cache: Path) -> None:
    with pytest.raises(Unreachable):
        GitRepository("https://nobody.invalid/x", cache_dir=cache).tree()


@pytest.mark.parametrize("ca_file", [None, "missing.pem"])
def test_without_a_secure_connection_a_server_is_unreachable(
    server: Server, cache: Path, tmp_path: Path, ca_file: str | None
) -> None:
    access = GitAccess(ca_file=tmp_path / ca_file if ca_file else None)
    url = server.url.replace("http:", "https:") + "/config"
    with pytest.raises(Unreachable, match="secure connection"):
        GitRepository(url, cache_dir=cache, access=access).tree()


def test_settings_of_the_surroundings_change_nothing(
    server: Server, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = f"touch {tmp_path}/sprung"
    monkeypatch.setenv("GIT_ASKPASS", trap)
    monkeypatch.setenv("SSH_ASKPASS", trap)
    monkeypatch.setenv("GIT_PROXY_COMMAND", trap)
    monkeypatch.setenv("GIT_TRACE_CURL", str(tmp_path / "trace"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "credential.helper")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"!{trap}")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text(f"[credential]\n\thelper = !{trap}\n")
    server.manners.password = SECRET
    with pytest.raises(Unauthenticated):
        opened(server, cache).tree()
    assert not (tmp_path / "sprung").exists()
    assert not (tmp_path / "trace").exists()

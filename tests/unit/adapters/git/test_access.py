"""Which URLs may be reached."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gitopsd.adapters.git.access import GitAccess, parse_remote
from gitopsd.ports import RepositoryError

LAWS = settings(deadline=None, derandomize=True)

NOTHING = GitAccess()


@pytest.mark.parametrize(
    ("url", "transport", "origin"),
    [
        ("https://git.example.com/a/b.git", "https", "https://git.example.com"),
        ("https://git.example.com:8443/a", "https", "https://git.example.com:8443"),
        ("HTTPS://Git.example.com/a", "https", "https://git.example.com"),
        ("http://127.0.0.1:8080/a", "http", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/a", "http", "http://[::1]:8080"),
        ("ssh://git@git.example.com:2222/a/b", "ssh", ""),
        ("ssh://git.example.com/a", "ssh", ""),
        ("git@git.example.com:a/b.git", "ssh", ""),
        ("git.example.com:a/b.git", "ssh", ""),
    ],
)
def test_these_urls_are_allowed(url: str, transport: str, origin: str) -> None:
    remote = parse_remote(url, NOTHING)
    assert (remote.transport, remote.origin) == (transport, origin)
    assert str(remote).lower() == url.lower()


@pytest.mark.parametrize(
    "url",
    ["", "-x", "--upload-pack=touch /tmp/x", "ext::sh -c touch% /tmp/x", "fd::17", "git://h/x",
     "ftp://h/x", "http://git.example.com/x", "https://", "https://h", "https:///x",
     "https://h/x?token=1", "https://h/x#y", "https://h:port/x", "https://-h/x", "ssh://-oX=y/x",
     "ssh://-u@h/x", "-oX:y", "h:-x", "u ser@h:x", "file://host/x", "https://h/x y", "https://[/x",
     "http://127.0.0.1.example.com/x", "svn+ssh://h/x", "https::h/x", "/nothing/here", "nothing"],
)  # fmt: skip
def test_these_urls_are_refused(url: str) -> None:
    with pytest.raises(RepositoryError):
        parse_remote(url, NOTHING)


@pytest.mark.parametrize(
    "url", ["https://tok3n@h/x", "https://u:tok3n@h/x", "ssh://u:tok3n@h/x", "http://:tok3n@h/x"]
)
def test_credentials_in_a_url_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(RepositoryError, match="holds credentials") as caught:
        parse_remote(url, NOTHING)
    assert "tok3n" not in str(caught.value)


def test_plain_http_is_allowed_where_it_was_asked_for() -> None:
    assert parse_remote("http://gitea.svc/x", GitAccess(plain_http=True)).transport == "http"


def test_a_local_path_is_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a:b").mkdir()
    monkeypatch.chdir(tmp_path)
    for url in ("a:b", "./a:b", f"file://{tmp_path}/a:b"):
        remote = parse_remote(url, NOTHING)
        assert (remote.url, remote.transport) == (str(tmp_path / "a:b"), "file")


@LAWS
@given(st.text(max_size=40) | st.from_regex(r"[a-z+]{0,5}:{0,2}/{0,2}[-@:a-z.\[\]?#%]{0,20}"))
@example("0:\ufefd")  # unassigned, in a path for ssh
def test_any_text_is_a_remote_or_refused_and_a_remote_is_never_an_option(url: str) -> None:
    try:
        remote = parse_remote(url, NOTHING)
    except RepositoryError:
        return
    assert not remote.url.startswith("-")
    assert "::" not in remote.url.partition("/")[0] or "[" in remote.url
    assert remote.url.isprintable() or remote.transport == "file"

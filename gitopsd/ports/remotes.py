"""What a config repository, a revision of it and a folder in it may be called.

A URL comes from an operator and still is checked word by word: git understands URLs that run
programs (`ext::`), options that look like URLs, and credentials that would end up in messages and
process lists.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from gitopsd.ports.errors import RepositoryError

Transport = Literal["https", "http", "ssh", "file"]

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
#: `user@host:path`, as ssh writes it; a slash before the colon would be a local path.
_SCP = re.compile(r"(?:(?P<user>[^@/:]+)@)?(?P<host>[^@/:]+):(?P<path>[^:].*)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
#: `git check-ref-format`, and no leading hyphen.
_ILLEGAL = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|\.lock(?:/|$)|(?:^|/)\.|\.$|^-|^/|/$")
_WITHOUT = (
    "write the URL without it, and name a file that holds the token (tokenFile, --git-token-file)"
    "; a URL is copied into logs, records and process lists"
)


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository that may be reached: the URL git is given, and what else is known of it.

    `origin` is scheme, host and port of an http(s) URL: the only place a token is sent to.
    """

    url: str
    transport: Transport
    origin: str = ""

    def __str__(self) -> str:
        return self.url


def parse_url(
    url: str, *, plain_http: bool = False, is_folder: Callable[[str], bool] = lambda _: False
) -> Remote:
    """The repository that a URL or a path names, as far as its text tells: of a path on this
    machine that is nothing yet.

    `plain_http` allows http beyond loopback; `is_folder` knows whether a text that looks like ssh's
    `host:path` is a folder here. Raises RepositoryError that says what is allowed, and never
    repeats a secret.
    """
    if not url or url.startswith("-") or _CONTROL.search(url):
        raise _refused("it is empty, starts with a hyphen or holds control characters")
    if "::" in url.partition("/")[0] and not url.startswith("["):
        raise _refused("a transport by program (`name::`) is not allowed")
    scp = None if "://" in url or is_folder(url) else _SCP.fullmatch(url)
    if ("://" in url or scp) and not url.isprintable():
        raise _refused("it holds characters that cannot be seen")
    if "://" in url:
        return _from_url(url, plain_http)
    return _from_scp(scp) if scp else Remote(url, "file")


def _from_url(url: str, plain_http: bool) -> Remote:
    if " " in url:
        raise _refused("a URL holds no blanks (write %20)")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refused("it cannot be read as a URL") from error
    scheme = parts.scheme.lower()
    _refuse_secrets(parts)
    if scheme == "file":
        if host:
            raise _refused("file:// with a host is not allowed")
        return Remote(parts.path, "file")
    if parts.fragment:
        raise _refused("a repository's URL has no #")
    if scheme not in ("https", "http", "ssh"):
        raise _refused(f"the scheme {scheme[:20]!r} is not allowed")
    if not _HOST.fullmatch(host) or not parts.path.strip("/"):
        raise _refused("it needs a host and a path")
    shown_host = f"[{host}]" if ":" in host else host
    place = shown_host + (f":{port}" if port else "")
    if scheme == "ssh":
        _check_ssh_user(parts.username)
        at = f"{parts.username}@" if parts.username else ""
        return Remote(f"ssh://{at}{place}{parts.path}", "ssh")
    if scheme == "http" and host not in _LOOPBACK and not plain_http:
        raise _refused("http is allowed on loopback only, for it protects nothing")
    origin = f"{scheme}://{place}"
    return Remote(f"{origin}{parts.path}", "https" if scheme == "https" else "http", origin)


def _refuse_secrets(parts: SplitResult) -> None:
    """A token is often the user name, or in a query."""
    if parts.password is not None:
        what = "holds credentials: a password"
    elif parts.username is not None and parts.scheme.lower() != "ssh":
        what = "holds credentials: a user name or a token"
    elif parts.query:
        what = "may hold credentials: a query (?…)"
    else:
        return
    raise RepositoryError("the repository's URL", what, _WITHOUT)


def _from_scp(match: re.Match[str]) -> Remote:
    user, host, path = match["user"], match["host"], match["path"]
    _check_ssh_user(user)
    if host.lower() in ("https", "http", "ssh", "file"):
        raise _refused(f"two slashes come behind {host}:")
    if not _HOST.fullmatch(host) or path.startswith("-"):
        raise _refused("it needs a host and a path")
    return Remote((f"{user}@" if user else "") + f"{host}:{path}", "ssh")


def _check_ssh_user(user: str | None) -> None:
    if user is not None and not _USER.fullmatch(user):
        raise _refused("the user name for ssh holds characters that are not allowed")


def _refused(why: str) -> RepositoryError:
    mend = "use https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH or a local path"
    return RepositoryError("the repository's URL", f"cannot be used: {why}", mend)


def check_revision(revision: str) -> str:
    """The revision, if it could be a branch, a tag or a commit; raises RepositoryError."""
    if not revision or _ILLEGAL.search(revision) or revision == "@":
        shown = "".join(c if c.isprintable() else "?" for c in revision[:100])
        detail = "cannot be the name of a branch, a tag or a commit"
        mend = "name one branch, tag or commit by itself; no range"
        raise RepositoryError(f"revision {shown!r}", detail, mend)
    return revision


def check_folder(folder: str) -> str:
    """A folder within a repository as git writes it: no dots, no slash at either end. Raises
    RepositoryError for what leads out of it.
    """
    parts = [part for part in folder.split("/") if part not in ("", ".")]
    if folder.startswith("/") or ".." in parts or "\0" in folder:
        mend = "name a folder from the repository's root on, such as fleets/shop"
        raise RepositoryError(f"folder {folder!r}", "must lie within the repository", mend)
    return "/".join(parts)

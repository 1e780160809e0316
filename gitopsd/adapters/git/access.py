"""Which repositories may be reached, and with what.

A URL comes from an operator and still is checked word by word: git understands URLs that run
programs (`ext::`), options that look like URLs, and credentials that would end up in messages and
process lists.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from gitopsd.ports import RepositoryError, Unauthenticated

Transport = Literal["https", "http", "ssh", "file"]

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
#: `user@host:path`, as ssh writes it; a slash before the colon would be a local path.
_SCP = re.compile(r"(?:(?P<user>[^@/:]+)@)?(?P<host>[^@/:]+):(?P<path>[^:].*)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANK = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class GitAccess:
    """With what a repository is reached; nothing of it ever stands in a URL or a message.

    `token` is a password or token for https, `token_file` a file that holds one and is read again
    at each fetch, so that it may be rotated. `ssh_key` None leaves ssh its agent and default keys,
    `known_hosts` None the user's own list; an unknown host is always refused. `ca_file` replaces
    the system's certificate authorities. `plain_http` allows http beyond loopback, for a server
    within the same cluster. `timeout` bounds each git command, in seconds.
    """

    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    username: str = "git"
    ssh_key: Path | None = None
    known_hosts: Path | None = None
    ca_file: Path | None = None
    plain_http: bool = False
    timeout: float = 300.0
    ssh_program: str = "ssh"

    def secret(self) -> str | None:
        """The token to offer, None without one; raises Unauthenticated when it cannot be read."""
        if self.token_file is None:
            return _checked_secret(self.token, "the token") if self.token is not None else None
        about = f"token file {self.token_file}"
        try:
            text = self.token_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise Unauthenticated(about, f"cannot be read: {reason}") from error
        return _checked_secret(text.strip(), about)

    def ssh_command(self, *options: str) -> str:
        """GIT_SSH_COMMAND: no configuration file, no questions, no unknown hosts.

        Of two values of an option ssh takes the first: `options` count before ours.
        """
        words = [self.ssh_program, "-F", "/dev/null"]
        words += [word for option in options for word in ("-o", option)]
        words += ["-o", "BatchMode=yes"]
        words += ["-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=20"]
        words += ["-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3"]
        if self.known_hosts is not None:
            words += ["-o", f"UserKnownHostsFile={_option_value(self.known_hosts)}"]
            words += ["-o", "GlobalKnownHostsFile=/dev/null"]
        if self.ssh_key is not None:
            words += ["-i", str(self.ssh_key), "-o", "IdentitiesOnly=yes"]
        return shlex.join(words)


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


def parse_remote(url: str, access: GitAccess) -> Remote:
    """Check a URL; raises RepositoryError that says what is allowed, and never repeats a secret."""
    if not url or url.startswith("-") or _CONTROL.search(url):
        raise _refused("it is empty, starts with a hyphen or holds control characters")
    if "::" in url.partition("/")[0] and not url.startswith("["):
        raise _refused("a transport by program (`name::`) is not allowed")
    scp = None if "://" in url or _is_folder(Path(url)) else _SCP.fullmatch(url)
    if ("://" in url or scp) and not url.isprintable():
        raise _refused("it holds characters that cannot be seen")
    if "://" in url:
        return _from_url(url, access)
    if scp:
        return _from_scp(scp)
    return _from_path(Path(url))


def _from_url(url: str, access: GitAccess) -> Remote:
    if " " in url:
        raise _refused("a URL holds no blanks (write %20)")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refused("it cannot be read as a URL") from error
    scheme = parts.scheme.lower()
    if parts.password or (parts.username and scheme != "ssh"):
        mend = "give the token as a file or variable; a URL is shown in messages and process lists"
        raise RepositoryError("the repository's URL", "holds credentials", mend)
    if scheme == "file":
        if host:
            raise _refused("file:// with a host is not allowed")
        return _from_path(Path(parts.path))
    if parts.query or parts.fragment:
        raise _refused("a repository's URL has no ? and no #")
    if not _HOST.fullmatch(host) or not parts.path.strip("/"):
        raise _refused("it needs a host and a path")
    shown_host = f"[{host}]" if ":" in host else host
    origin = f"{scheme}://{shown_host}" + (f":{port}" if port else "")
    if scheme == "ssh":
        user = parts.username
        _check_ssh_user(user)
        at = f"{user}@" if user else ""
        return Remote(f"ssh://{at}{origin.removeprefix('ssh://')}{parts.path}", "ssh")
    if scheme == "https":
        return Remote(f"{origin}{parts.path}", "https", origin)
    if scheme == "http":
        if host not in _LOOPBACK and not access.plain_http:
            raise _refused("http is allowed on loopback only, for it protects nothing")
        return Remote(f"{origin}{parts.path}", "http", origin)
    raise _refused(f"the scheme {scheme[:20]!r} is not allowed")


def _from_scp(match: re.Match[str]) -> Remote:
    user, host, path = match["user"], match["host"], match["path"]
    _check_ssh_user(user)
    if not _HOST.fullmatch(host) or path.startswith("-"):
        raise _refused("it needs a host and a path")
    return Remote((f"{user}@" if user else "") + f"{host}:{path}", "ssh")


def _from_path(path: Path) -> Remote:
    if not _is_folder(path):
        detail = "is neither a folder nor a URL with https:// or ssh://"
        mend = "name a folder that exists, or the URL by which git clones the repository"
        raise RepositoryError(str(path), detail, mend)
    resolved = path.resolve()
    top = top_of_repository(resolved)
    if top is not None and top != resolved and not (resolved / "objects").is_dir():
        detail = f"is a folder inside the repository {top}, and no repository itself"
        inner = resolved.relative_to(top)
        mend = f"give the folder as PATH: --repo {top} {inner}; without --repo it is read from disk"
        raise RepositoryError(str(path), detail, mend)
    return Remote(str(resolved), "file")


def top_of_repository(path: Path) -> Path | None:
    """The folder that holds `.git`, at or above `path`; None outside Git."""
    resolved = path.resolve()
    return next((p for p in (resolved, *resolved.parents) if (p / ".git").exists()), None)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name too long, or links in a circle: no folder that anybody could read
        return False


def _check_ssh_user(user: str | None) -> None:
    if user is not None and not _USER.fullmatch(user):
        raise _refused("the user name for ssh holds characters that are not allowed")


def _refused(why: str) -> RepositoryError:
    mend = "use https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH or a local path"
    return RepositoryError("the repository's URL", why, mend)


def _checked_secret(secret: str | None, about: str) -> str:
    if not secret:
        raise Unauthenticated(about, "is empty")
    if _BLANK.search(secret):
        raise Unauthenticated(about, "holds more than one word")
    return secret


def _option_value(path: Path) -> str:
    """A path as a value of an ssh option: it is split at blanks unless quoted."""
    text = str(path)
    return f'"{text}"' if " " in text else text

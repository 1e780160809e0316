"""Which repositories may be reached, and with what."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from gitopsd.ports import RepositoryError, Unauthenticated
from gitopsd.ports.remotes import Remote, parse_url

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


def parse_remote(url: str, access: GitAccess) -> Remote:
    """Check a URL, and a path against what is on this machine; raises RepositoryError that says
    what is allowed, and never repeats a secret.
    """
    found = parse_url(
        url, plain_http=access.plain_http, is_folder=lambda text: _is_folder(Path(text))
    )
    return _from_path(Path(found.url)) if found.transport == "file" else found


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

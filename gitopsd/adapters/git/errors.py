"""What git says on standard error, translated into the errors of the ports."""

from __future__ import annotations

import re

from gitopsd.ports import (
    Forbidden,
    RepositoryError,
    Throttled,
    Unauthenticated,
    Unreachable,
    WorldError,
)

_NOT_FOUND = "there is no Git repository here, or this credential may not see it"
_CREDENTIAL = "the credential is missing or was refused"
_MAY_READ = "give a token that may read it"

#: Words of git, curl and ssh (LC_ALL=C) -> error, what happened, what to do. First match wins.
_TABLE: tuple[tuple[str, type[WorldError], str, str], ...] = (
    (r"No space left on device|Disk quota exceeded|Read-only file system", RepositoryError,
     "the cache has no room", "make room, or name another folder with --cache-dir"),
    (r"fsck error", RepositoryError, "it holds objects that could do harm, and git refuses them",
     "take them out of its history"),
    (r"dubious ownership", RepositoryError, "the folder belongs to another user",
     "make it yours, or run gitopsd as its owner"),
    (r"Host key verification failed|host key .*(changed|is not known)", RepositoryError,
     "the server's key is not among the known hosts",
     "add it to the known_hosts file, after checking it"),
    (r"Permission denied \((publickey|.*password)", Unauthenticated, "the ssh key was refused",
     "give a key that the server knows"),
    (r"Identity file .* not accessible|Load key .*: ", Unauthenticated,
     "the ssh key cannot be read", "check its path and format"),
    (r"Authentication failed|could not read (Username|Password)|terminal prompts disabled"
     r"|HTTP Basic: Access denied|returned error: 401", Unauthenticated, _CREDENTIAL, _MAY_READ),
    (r"returned error: 403", Forbidden, "the credential may not read this repository", _MAY_READ),
    (r"returned error: 429", Throttled, "the server asks for patience", ""),
    (r"returned error: (404|410)|repository .* not found|Repository not found"
     r"|does not appear to be a git repository|does not exist|not a git repository"
     r"|project you were looking for could not be found|is this a git repository",
     RepositoryError, _NOT_FOUND, "check the URL"),
    (r"corruption on the remote side|git-pack-objects died", RepositoryError,
     "the server cannot hand out what the repository holds", "look at it with git fsck, there"),
    (r"transport .* not allowed|protocol .* not (allowed|supported)", RepositoryError,
     "it leads to a transport that is not allowed", "use https or ssh"),
    (r"(?i)certificate|SSL|TLS|CAfile", Unreachable, "no secure connection could be made",
     "check the certificate, or give the file of its authority"),
    (r"Could not resolve (host|proxy)|Name or service not known|Temporary failure in name",
     Unreachable, "the host's name is not known", "check the URL and the network"),
    (r"Connection refused|Failed to connect|Couldn't connect|Connection timed out"
     r"|Operation timed out|No route to host|Network is unreachable", Unreachable,
     "no connection could be made",
     "check the address, and whether this machine may reach it"),
    (r"did not complete in|Operation too slow|Timeout", Unreachable,
     "the server did not answer in time", "try again, or look at the network between"),
    (r"returned error: 5\d\d|Connection reset|Connection closed|hung up|early EOF|RPC failed"
     r"|unexpected disconnect|Empty reply|Broken pipe|unable to access", Unreachable,
     "the connection broke off", "try again, or look at the server's own log"),
    (r"Could not read from remote repository", Unreachable, "the server ended the connection",
     "check that the repository is there and that these credentials may read it"),
)  # fmt: skip

_USER_INFO = re.compile(r"(?<=://)[^/@\s]+@")
_LONGEST = 300


def translate(about: str, stderr: str, secret: str | None = None) -> WorldError | None:
    """The error that git's words mean, None when they are of no known kind."""
    for pattern, kind, detail, mend in _TABLE:
        if re.search(pattern, stderr):
            words = quote(stderr, secret)
            return kind(about, f"{detail}; git says: {words}" if words else detail, mend)
    return None


def quote(stderr: str, secret: str | None = None) -> str:
    """The telling line of git's output, short, without secrets and unprintable characters."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "ERROR:"))] or lines
    text = telling[0] if telling else ""
    if secret:
        text = text.replace(secret, "***")
    text = _USER_INFO.sub("***@", text)
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

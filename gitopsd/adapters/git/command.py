"""Running git, through GitPython's executor, in an environment that nobody else has a say in.

Every argument list is written out here and in `clone`; what users gave stands behind `--` and was
checked before (`access`, `revisions`). GitPython's own dynamic commands (`repo.git.fetch(…)`) would
pass options through and are not used.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, SIGTERM
from subprocess import Popen, TimeoutExpired
from typing import TYPE_CHECKING, cast

from gitopsd.adapters.git.access import GitAccess
from gitopsd.adapters.git.ending import POLITE, Ending, send
from gitopsd.ports import RepositoryError
from gitopsd.ports.remotes import Remote

if TYPE_CHECKING:
    from git.cmd import Git

#: Variables of git that may stay: where the installation lies and whom it trusts.
_KEPT = frozenset({"GIT_EXEC_PATH", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_PROXY_SSL_CAINFO"})

#: In force for every command, above any file of configuration.
_CONFIG: tuple[tuple[str, str], ...] = (
    ("core.askPass", ""),
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("credential.helper", ""),
    # Old commits of honest tools hold these; they harm nobody.
    ("fetch.fsck.badTimezone", "ignore"),
    ("fetch.fsck.missingSpaceBeforeEmail", "ignore"),
    ("fetch.fsck.zeroPaddedFilemode", "ignore"),
    ("fetch.fsckObjects", "true"),
    ("fetch.recurseSubmodules", "no"),
    ("fetch.writeCommitGraph", "false"),
    ("gc.autoDetach", "false"),
    ("http.followRedirects", "initial"),
    ("http.lowSpeedLimit", "1000"),
    ("http.lowSpeedTime", "30"),
    ("protocol.allow", "never"),
    ("protocol.version", "2"),
    ("submodule.recurse", "false"),
    ("transfer.credentialsInUrl", "die"),
    ("transfer.fsckObjects", "true"),
)

#: A credential helper for one origin: git asks it with `get`; the secret is in the environment of
#: this one command, where neither a process list nor a file of configuration shows it.
_HELPER = (
    '!f() { test "$1" = get || exit 0; '
    'printf \'username=%s\\npassword=%s\\n\' "$GITOPSD_GIT_USERNAME" "$GITOPSD_GIT_PASSWORD"; }; f'
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said; `status` 0 is success."""

    status: int
    out: bytes
    err: str


def run(
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    timeout: float,
    given: bytes = b"",
    ending: Ending | None = None,
) -> Answer:
    """Run `git` in `folder` with exactly this environment of git's, and `given` on its input.

    With an `ending` another thread may end it; a terminal's Ctrl-C does not reach it then. Raises
    RepositoryError when there is no git.
    """
    try:
        git = _executor(folder)
        with tempfile.TemporaryFile() as stream:
            stream.write(given)
            stream.seek(0)
            command = [*_without(environment), "git", *arguments]
            if ending is not None:
                return _endable(git, command, stream.fileno(), environment, timeout, ending)
            status, out, err = git.execute(
                command,
                istream=stream,
                env=dict(environment),
                kill_after_timeout=timeout,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
    except ModuleNotFoundError:
        raise  # GitPython itself is not installed: no fault of the world
    except (ImportError, FileNotFoundError) as error:
        raise _no_git() from error
    return Answer(int(status), out if isinstance(out, bytes) else out.encode(), str(err))


def _endable(
    git: Git,
    command: Sequence[str],
    given: int,
    environment: Mapping[str, str],
    timeout: float,
    ending: Ending,
) -> Answer:
    held = git.execute(
        command, istream=given, env=dict(environment), as_process=True, start_new_session=True
    )
    process = cast("Popen[bytes]", held.proc)  # None only after it was thrown away
    with ending.covering(process):
        try:
            out, err = process.communicate(timeout=timeout)
        except TimeoutExpired:
            out, err = _given_up(process), f"it did not complete in {timeout:g} s".encode()
    return Answer(process.returncode, out, err.decode("utf-8", "replace"))


def _given_up(process: Popen[bytes]) -> bytes:
    """What it has said until it was ended."""
    send(process, SIGTERM)
    try:
        return process.communicate(timeout=POLITE)[0]
    except TimeoutExpired:
        send(process, SIGKILL)
        return process.communicate()[0]


def local_environment(*extra: tuple[str, str]) -> dict[str, str]:
    """For commands that must not reach anything: no transport is allowed."""
    return _environment(extra, "")


def remote_environment(
    remote: Remote, access: GitAccess, secret: str | None, ssh: str | None = None
) -> dict[str, str]:
    """For commands that reach `remote`: its transport alone, and `secret` for its origin alone.

    `ssh` is the command of ssh where it is not that of `access`.
    """
    extra = [(f"protocol.{remote.transport}.allow", "always")]
    if secret is not None and remote.origin:
        extra.append((f"credential.{remote.origin}.helper", _HELPER))
    environment = _environment(extra, remote.transport)
    if access.ca_file is not None:
        environment["GIT_SSL_CAINFO"] = str(access.ca_file)  # goes before any configuration
    if remote.transport == "ssh":
        environment |= {"GIT_SSH_COMMAND": ssh or access.ssh_command(), "GIT_SSH_VARIANT": "ssh"}
    if secret is not None and remote.origin:
        environment["GITOPSD_GIT_USERNAME"] = access.username
        environment["GITOPSD_GIT_PASSWORD"] = secret
    return environment


def _environment(extra: Sequence[tuple[str, str]], transports: str) -> dict[str, str]:
    config = (*_CONFIG, *extra)
    environment = {
        "GIT_ALLOW_PROTOCOL": transports,
        "GIT_ASKPASS": "",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
        "GIT_CONFIG_COUNT": str(len(config)),
    }
    for index, (key, value) in enumerate(config):
        environment[f"GIT_CONFIG_KEY_{index}"] = key
        environment[f"GIT_CONFIG_VALUE_{index}"] = value
    return environment


def _without(environment: Mapping[str, str]) -> list[str]:
    """A prefix that takes git's other variables of our own environment away.

    GitPython can only add variables. Started from a hook, ours hold the GIT_DIR of another
    repository; and a GIT_TRACE or GIT_SSL_NO_VERIFY is nothing a server should inherit.
    """
    stray = [n for n in os.environ if n.startswith("GIT_") and n not in _KEPT | environment.keys()]
    return ["env", *(word for name in stray for word in ("-u", name))] if stray else []


def _executor(folder: Path) -> Git:
    # Imported here: a folder outside Git is read without paying for it.
    from git.cmd import Git

    return Git(str(folder))


def _no_git() -> RepositoryError:
    return RepositoryError("git", "the program is not installed", "install git 2.31 or later")

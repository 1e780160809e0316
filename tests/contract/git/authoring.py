"""A repository as its author has it, made with git itself and nothing of ours."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com"}
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    **_IDENTITY,
}


def git(folder: Path, *arguments: str, given: bytes = b"") -> str:
    """Run git; answers what it printed."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        input=given,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


class Author:
    """A working tree with one branch, `main`."""

    def __init__(self, folder: Path, *, object_format: str = "sha1") -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        git(folder, "init", "-q", "-b", "main", f"--object-format={object_format}")

    def write(self, path: str, text: str | bytes = "a: 1\n") -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)

    def commit(self, **files: str) -> str:
        """Commit everything, with `a="…"` written to `a.yaml` first; answers the id."""
        for name, text in files.items():
            self.write(f"{name}.yaml", text)
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", "a change")
        return git(self.folder, "rev-parse", "HEAD")

    def raw_tree(self, *entries: tuple[bytes, bytes, str]) -> str:
        """A tree object with entries that git's own tools would refuse: (mode, name, id)."""
        body = b"".join(m + b" " + name + b"\0" + bytes.fromhex(id_) for m, name, id_ in entries)
        arguments = ("hash-object", "-t", "tree", "--literally", "-w", "--stdin")
        return git(self.folder, *arguments, given=body)

    def commit_tree(self, tree: str) -> str:
        """Commit a tree object on `main`."""
        commit = git(self.folder, "commit-tree", tree, "-m", "odd")
        git(self.folder, "update-ref", "refs/heads/main", commit)
        return commit

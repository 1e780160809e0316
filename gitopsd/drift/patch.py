"""A changed file as a unified diff that `git apply` takes, byte for byte."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

#: What git says below a last line that has no line break.
_UNENDED = "\n\\ No newline at end of file\n"


def patch(path: str, before: bytes, after: bytes) -> str:
    """The difference of two contents of UTF-8; "" when there is none.

    `path` is the file's within its repository; an empty `after` deletes it. Line breaks are part
    of the lines, so those of the file are kept whatever they are.
    """
    if before == after:
        return ""
    old, new = f"--- {_name('a/' + path)}\n", f"+++ {_name('b/' + path)}\n"
    if not after:
        new = "+++ /dev/null\n"
    hunks = difflib.unified_diff(_lines(before), _lines(after))
    next(hunks), next(hunks)  # its own names of the files, which know nothing of git's quoting
    return old + new + "".join(_ended(line) for line in hunks)


def _lines(content: bytes) -> list[str]:
    """Lines as git counts them: only a line feed ends one."""
    return [line for line in _split(content.decode()) if line]


def _split(text: str) -> Iterator[str]:
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    yield text[start:]


def _ended(line: str) -> str:
    return line if line.endswith("\n") else line + _UNENDED


def _name(path: str) -> str:
    """A file's name as git writes it: quoted where it holds a quote, a backslash or a control."""
    if any(c in '"\\' or ord(c) < 0x20 or ord(c) == 0x7F for c in path):
        return f'"{"".join(map(_escaped, path))}"'
    return path + "\t" if " " in path else path


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    code = ord(character)
    return f"\\{code:03o}" if code < 0x20 or code == 0x7F else character

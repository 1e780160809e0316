"""How the lines of a message are written where text has markup.

Our own sentences are plain. What others wrote is quoted as code, and whatever could still become a
link, a picture or a mention there is taken apart first: a value that somebody wrote into a cluster
must not call people or load anything.
"""

from __future__ import annotations

from typing import Final

from gitopsd.model.message import Line, Message, cut

_CUT: Final = {"en": "(cut here: too long for this place)", "zh": "（内容过长，已截断）"}


def markdown(message: Message, limit: int, *, sep: str = "\n\n") -> str:
    """The title and lines as Markdown, in at most `limit` bytes."""
    return limited(message, (f"**{plain(message.title)}**", *map(_line, message.lines)), limit, sep)


def body_markdown(message: Message, limit: int) -> str:
    """The lines alone."""
    return limited(message, tuple(map(_line, message.lines)), limit, "\n\n")


def text(message: Message, limit: int) -> str:
    """The lines without markup."""
    return limited(message, tuple(message.plain()), limit, "\n")


def unmarked(sentence: str) -> str:
    """Text for a service that we do not know: nothing in it mentions, links or formats anywhere."""
    return harmless(sentence).replace("@", "＠")


def limited(message: Message, lines: tuple[str, ...], limit: int, sep: str) -> str:
    """The lines that fit, and a word about it where not all do."""
    return cut(iter(lines), limit, _CUT[message.language], sep)


def _line(line: Line) -> str:
    code = f"`{harmless(line.code)}`" if line.code else ""
    return " ".join(part for part in (plain(line.text), code) if part)


def harmless(text: str) -> str:
    """Text that stays within a code span, and means nothing where there are none."""
    return text.replace("`", "'").replace("](", "] (").replace("<", "＜")


def plain(text: str) -> str:
    """A sentence of ours: it may hold names, which have no markup, and nothing else of others."""
    return text.replace("<", "＜").replace("](", "] (")

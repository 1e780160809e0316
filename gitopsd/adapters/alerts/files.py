"""Files: `FOLDER/<instance>/<target>.json` and `.md`, for what reads a disk."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import orjson

from gitopsd.adapters.alerts.forms import markdown
from gitopsd.adapters.replacement import replace_file
from gitopsd.model.message import Message
from gitopsd.ports import Misconfigured, RateLimit

_FORM = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
_LIMIT = 1_000_000


class Files:
    """A `Sink` that is told the state of a target. A file is replaced as a whole."""

    limits: ClassVar = (RateLimit(100, 1.0),)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`. Instance and target are DNS labels, so they are safe as names."""
        place = self._folder / message.instance
        try:
            place.mkdir(parents=True, exist_ok=True)
            content = orjson.dumps(message.to_json(), option=_FORM)
            replace_file(place / f"{message.target}.json", content)
            text = markdown(message, _LIMIT) + "\n"
            replace_file(place / f"{message.target}.md", text.encode())
        except OSError as error:
            detail = error.strerror or str(error)
            mend = "name another folder, or make room"
            raise Misconfigured(f"the files in {place}", detail, mend) from error
        return ""

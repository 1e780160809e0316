"""The page's own files, read once: a name is looked up, and no path is ever put together."""

from __future__ import annotations

import hashlib
from importlib import resources

import orjson

from gitopsd.daemon.dashboard.replies import Reply, zipped
from gitopsd.daemon.dashboard.texts import TEXTS
from gitopsd.drift.render.language import LANGUAGES
from gitopsd.drift.render.style import DRAWING, PALETTE

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "json": "application/json; charset=utf-8",
}


class Assets:
    """All files by their names below /ui/; "" is the page itself."""

    def __init__(self) -> None:
        found = {
            item.name: item.read_bytes()
            for item in resources.files(__package__).joinpath("assets").iterdir()
            if item.name.rpartition(".")[2] in _TYPES
        }
        found["drawing.css"] = (PALETTE + DRAWING).encode()
        for index, language in enumerate(LANGUAGES):
            texts = {key: told[index] for key, told in TEXTS.items()}
            found[f"texts.{language}.json"] = orjson.dumps(texts)
        self._replies = {name: _reply(name, body) for name, body in found.items()}
        self._replies[""] = self._replies["index.html"]

    def get(self, name: str) -> Reply | None:
        """The file of this name."""
        return self._replies.get(name)

    @property
    def names(self) -> list[str]:
        """All names."""
        return sorted(self._replies)


def _reply(name: str, body: bytes) -> Reply:
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    return Reply(200, body, _TYPES[name.rpartition(".")[2]], etag, zipped=zipped(body))

"""The operator's log: one line for each thing that happened, for people or for machines.

Only what is handed in by name is written, and nobody hands in a secret: requests, headers and
payloads never come here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from gitopsd.typography import clean


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Journal:
    """Writes lines; `about` stands in all of them (the pass, the repository, the target)."""

    write: Callable[[str], None]
    form: Literal["text", "json"] = "text"
    about: Mapping[str, Any] = field(default_factory=dict)
    now: Callable[[], datetime] = _now

    def within(self, **about: Any) -> Journal:
        """A journal whose lines say this, too."""
        return Journal(self.write, self.form, {**self.about, **about}, self.now)

    def tell(self, event: str, level: Literal["info", "warning", "error"] = "info",
             **fields: Any) -> None:  # fmt: skip
        """Write that something happened."""
        stamp = self.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        entry = {**self.about, **{k: v for k, v in fields.items() if v not in (None, "")}}
        if self.form == "json":
            head = {"time": stamp, "level": level, "event": event}
            self.write(json.dumps(head | entry, default=str, ensure_ascii=False))
            return
        told = " ".join(f"{key}={_word(value)}" for key, value in entry.items())
        self.write(f"{stamp} {level:<7} {event} {told}".rstrip())


def _word(value: Any) -> str:
    text = clean(str(value))
    return json.dumps(text, ensure_ascii=False) if not text or set(text) & set(' "=') else text

"""Texts of messages with their places filled in, and names of others made fit for them."""

from __future__ import annotations

import re

from gitopsd.alerts.texts import TEXTS
from gitopsd.drift.render import LANGUAGES, Words
from gitopsd.typography import clean

#: Characters of a manager's name.
MANAGER_WIDTH = 40


def say(words: Words, key: str, **values: str | int) -> str:
    """A text of messages, in the language of `words`."""
    return TEXTS[key][LANGUAGES.index(words.language)].format(**values)


def name_of(manager: str) -> str:
    """What a manager is called, fit for a title: whoever writes chooses it, and may mean harm."""
    return re.sub(r"[^\w.:/ -]", "·", clean(manager))[:MANAGER_WIDTH]

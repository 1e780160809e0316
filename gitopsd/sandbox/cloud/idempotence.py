"""ClientToken: the same call twice takes effect once (facts §6.4)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitopsd.sandbox.cloud.errors import ApiError
from gitopsd.sandbox.cloud.world import Answer

_KEPT = 10_000


@dataclass(slots=True)
class Remembered:
    """A call that took effect. `unanswered` until its answer has left."""

    fingerprint: str
    answer: Answer
    unanswered: bool = True


@dataclass(slots=True)
class TokenBook:
    """Calls by client token, per product. Refused calls and dry runs are not remembered."""

    calls: dict[str, Remembered] = field(default_factory=dict)

    def replay(self, token: str, fingerprint: str) -> Answer | None:
        """The first answer, or None when the token is new.

        Raises ApiError when the token came with other parameters before, or when the first call
        has not been answered yet.
        """
        known = self.calls.get(token)
        if known is None:
            return None
        if known.fingerprint != fingerprint:
            raise ApiError(
                "IdempotenceSignatureMismatch",
                "The idempotence token of request is same with the prev one, but the signature "
                "is different.",
            )
        if known.unanswered:
            raise ApiError(
                "IdempotenceProcessing", "The request with the same token is being processed."
            )
        return known.answer

    def remember(self, token: str, fingerprint: str, answer: Answer) -> Remembered:
        """Keep the answer of a call that has just taken effect."""
        remembered = Remembered(fingerprint, answer)
        self.calls[token] = remembered
        while len(self.calls) > _KEPT:
            del self.calls[next(iter(self.calls))]
        return remembered


def dump_tokens(book: TokenBook) -> list[list[Any]]:
    """Answered calls as JSON-able data, oldest first."""
    return [
        [token, call.fingerprint, call.answer]
        for token, call in book.calls.items()
        if not call.unanswered
    ]


def load_tokens(data: Iterable[Sequence[Any]]) -> TokenBook:
    """The reverse of `dump_tokens`."""
    return TokenBook({token: Remembered(mark, answer, False) for token, mark, answer in data})


def fingerprint(action: str, parameters: Mapping[str, Any]) -> str:
    """What two calls with one token have to agree in: everything but the token."""
    rest = {name: value for name, value in parameters.items() if name != "ClientToken"}
    return json.dumps([action, rest], sort_keys=True, ensure_ascii=False)

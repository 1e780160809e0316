"""Pages of a listing: MaxResults, NextToken, TotalCount.

A token names the last entry that was given out, not a position, so that entries created or deleted
between two pages never make the listing skip or repeat others.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import TypeVar

from gitopsd.sandbox.cloud.errors import illegal
from gitopsd.sandbox.cloud.world import Answer, Parameters

Entry = TypeVar("Entry")
Cursor = tuple[int, str]
"""Order of the resource, and a text that tells several entries of one resource apart."""


def page(
    entries: Sequence[tuple[Cursor, Entry]], parameters: Parameters, default: int = 20
) -> tuple[list[Entry], Answer]:
    """The entries of the page asked for, and the paging fields of the answer.

    `NextToken` is empty on the last page. Raises ApiError for a token this API never gave out.
    """
    ordered = sorted(entries, key=lambda entry: entry[0])
    size = parameters.get("MaxResults", default)
    token = parameters.get("NextToken", "")
    if token:
        after = _cursor(token)
        ordered = [entry for entry in ordered if entry[0] > after]
    shown = ordered[:size]
    more = len(ordered) > size
    return [entry for _, entry in shown], {
        "MaxResults": size,
        "NextToken": _token(shown[-1][0]) if more else "",
        "TotalCount": len(entries),
    }


def _token(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode()


def _cursor(token: str) -> Cursor:
    try:
        order, text = json.loads(base64.urlsafe_b64decode(token.encode("ascii")))
    except (binascii.Error, UnicodeError, ValueError, TypeError) as error:
        raise illegal("NextToken", "it was not given out by this API") from error
    if not isinstance(order, int) or not isinstance(text, str):
        raise illegal("NextToken", "it was not given out by this API")
    return order, text

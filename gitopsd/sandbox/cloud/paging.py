"""Pages of a listing: MaxResults, NextToken, TotalCount.

A token names the last entry that was given out, not a position, so that entries created or deleted
between two pages never make the listing skip or repeat others. It also names the listing: another
operation, or the same with another filter, refuses it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import TypeVar

from gitopsd.sandbox.cloud.call import Call
from gitopsd.sandbox.cloud.errors import illegal
from gitopsd.sandbox.cloud.idempotence import fingerprint
from gitopsd.sandbox.cloud.world import Answer

_OF_THE_PAGE = ("MaxResults", "NextToken")
_UNKNOWN = "it was not given out by this listing"

Entry = TypeVar("Entry")
Cursor = tuple[int, str]
"""Order of the resource, and a text that tells several entries of one resource apart."""


def page(
    entries: Sequence[tuple[Cursor, Entry]], call: Call, default: int = 20
) -> tuple[list[Entry], Answer]:
    """The entries of the page asked for, and the paging fields of the answer.

    `NextToken` is empty on the last page. Raises ApiError for a token this listing never gave out.
    """
    parameters, listing = call.parameters, _listing(call)
    ordered = sorted(entries, key=lambda entry: entry[0])
    size = parameters.get("MaxResults", default)
    token = parameters.get("NextToken", "")
    if token:
        after = _cursor(token, listing)
        ordered = [entry for entry in ordered if entry[0] > after]
    shown = ordered[:size]
    more = len(ordered) > size
    return [entry for _, entry in shown], {
        "MaxResults": size,
        "NextToken": _token(listing, shown[-1][0]) if more else "",
        "TotalCount": len(entries),
    }


def _listing(call: Call) -> str:
    """What tells this listing from others: all that was asked but the page."""
    asked = {name: value for name, value in call.parameters.items() if name not in _OF_THE_PAGE}
    about = f"{call.world.product} {fingerprint(call.action, asked)}"
    return hashlib.sha256(about.encode()).hexdigest()[:16]


def _token(listing: str, cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(json.dumps([listing, *cursor]).encode()).decode()


def _cursor(token: str, listing: str) -> Cursor:
    try:
        given_for, order, text = json.loads(base64.urlsafe_b64decode(token.encode("ascii")))
    except (binascii.Error, UnicodeError, ValueError, TypeError) as error:
        raise illegal("NextToken", _UNKNOWN) from error
    if given_for != listing or not isinstance(order, int) or not isinstance(text, str):
        raise illegal("NextToken", _UNKNOWN)
    return order, text

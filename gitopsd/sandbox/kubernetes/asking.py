"""What a request asks the right for, read from its path alone, before any resource is looked up.

The server decides about rights first: who may not read what is not there is told so, and learns
nothing of what is served.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from gitopsd.sandbox.kubernetes.access import Attributes
from gitopsd.sandbox.kubernetes.requests import Request
from gitopsd.sandbox.kubernetes.selectors import exact_value

_VERBS: Final = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch",
                 "DELETE": "delete"}  # fmt: skip
_PARTS_OF_NAMESPACES: Final = ("status", "finalize")
_LEADING_VERBS: Final = ("watch", "proxy")


def attributes_of(request: Request) -> Attributes | None:
    """The attributes rights are checked by; None for a path that is about no resource."""
    parts = [unquote(part) for part in request.path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) > 2:
        group, rest = "", parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, rest = parts[1], parts[3:]
    else:
        return None
    verb = _VERBS.get(request.method, "")
    leading = rest[0] in _LEADING_VERBS
    if leading:
        verb, rest = rest[0], rest[1:]
    namespace = ""
    if rest and rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
        if len(rest) > 2 and rest[2] not in _PARTS_OF_NAMESPACES:
            rest = rest[2:]
    resource, name, subresource, *_ = [*rest, "", "", ""]
    if not name:
        verb, name = _of_many(request, verb)
    return Attributes(verb, group, resource, "" if leading else subresource, namespace, name)


def _of_many(request: Request, verb: str) -> tuple[str, str]:
    """The verb of a request about a collection, and the one name it is narrowed down to."""
    if verb == "delete":
        return "deletecollection", ""
    if verb != "get":
        return verb, ""
    wanted = exact_value(request.parameter("fieldSelector"), "metadata.name")
    return "watch" if request.flag("watch") else "list", wanted

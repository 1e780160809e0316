"""Answers: status, headers and a body that is there at once or comes in pieces."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import yaml

from gitopsd.sandbox.kubernetes.errors import ApiError
from gitopsd.sandbox.kubernetes.gotext import quote


@dataclass(slots=True)
class Response:
    """An answer.

    `body` are bytes, an iterator of pieces that are sent as they come (with pauses in which other
    requests are served), or an asynchronous iterator that may wait (a watch). `warnings` go into
    its headers.
    """

    status: int
    body: bytes | Iterator[bytes] | AsyncIterator[bytes]
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def of_json(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(status, orjson.dumps(value))


def of_text(text: str, status: int = 200) -> Response:
    """A plain text answer."""
    return Response(status, text.encode(), "text/plain; charset=utf-8")


def of_error(error: ApiError) -> Response:
    """The answer to a refused request."""
    body, headers = orjson.dumps(error.status), dict(error.headers)
    return Response(error.code, body, headers=headers, warnings=error.warnings)


def in_yaml(response: Response) -> Response:
    """A JSON answer written as YAML."""
    if isinstance(response.body, bytes) and response.media_type == "application/json":
        response.body, response.media_type = as_yaml(response.body), "application/yaml"
    return response


class _GoDumper(yaml.SafeDumper):
    """YAML as the server's library writes it: what is no plain text stands in double quotes.

    Text of several lines stands as it is.
    """

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    resolved = dumper.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    style = "|" if "\n" in value else None if resolved == _STRING_TAG else '"'
    if value and max(value) > _LAST_PLAIN:
        style = '"'
    return dumper.represent_scalar(_STRING_TAG, value, style=style)


_TAGS: Final = "tag:yaml.org,2002:"
_STRING_TAG: Final = _TAGS + "str"
#: The last character that the library takes for printable.
_LAST_PLAIN: Final = "\uffff"
#: What it reads as something else than text besides what PyYAML does, by first characters.
_READ_OTHERWISE: Final = (
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("int", r"[-+]?0o[0-7]+", "-+0"),
    ("bool", r"[yYnN]", "yYnN"),
)
_GoDumper.add_representer(str, _text)
_GoDumper.yaml_implicit_resolvers = {
    first: [one for one in known if one[0] not in (_TAGS + "value", _TAGS + "merge")]
    for first, known in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
for _tag, _pattern, _first in _READ_OTHERWISE:
    _GoDumper.add_implicit_resolver(_TAGS + _tag, re.compile(f"(?:{_pattern})$"), list(_first))


def as_yaml(body: bytes) -> bytes:
    """JSON turned into YAML."""
    value = orjson.loads(body)
    return yaml.dump(value, Dumper=_GoDumper, sort_keys=True, allow_unicode=True).encode()


def _lines(text: str) -> list[str]:
    """A warning for each line behind the first, where there are several."""
    lines = [line.strip() for line in text.splitlines()]
    return lines[1:] if len(lines) > 1 else lines


def header_pairs(response: Response, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """All headers of an answer as ASGI wants them."""
    pairs = {"content-type": response.media_type, **headers, **response.headers}
    if response.warnings:
        told = (line for text in response.warnings for line in _lines(text))
        pairs["warning"] = ", ".join(f"299 - {quote(line)}" for line in dict.fromkeys(told))
    if isinstance(response.body, bytes):
        pairs["content-length"] = str(len(response.body))
    return [(name.lower().encode(), value.encode()) for name, value in pairs.items()]

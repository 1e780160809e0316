"""What the well-known types of Secret have to hold (kubernetes.io, "Types of Secret")."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Final

from gitopsd.sandbox.kubernetes.errors import FieldProblem, invalid_value, required_value
from gitopsd.sandbox.kubernetes.gotext import json_kind
from gitopsd.sandbox.kubernetes.parsing import GO_MAP, parse_json
from gitopsd.sandbox.kubernetes.resources import Item

_REQUIRED: Final = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}
_BASIC_AUTH: Final = ("username", "password")
_ACCOUNT: Final = "kubernetes.io/service-account.name"


def secret_type_problems(item: Item) -> Iterator[FieldProblem]:
    """What a Secret of this type lacks; types nobody knows may hold anything."""
    kind, data = item.get("type", ""), item.get("data") or {}
    annotations = item["metadata"].get("annotations") or {}
    if kind == "kubernetes.io/service-account-token" and not annotations.get(_ACCOUNT):
        yield required_value(f"metadata.annotations[{_ACCOUNT}]")
    if kind == "kubernetes.io/basic-auth" and not any(key in data for key in _BASIC_AUTH):
        for key in _BASIC_AUTH:
            yield required_value(f"data[{key}]")
    for key in _REQUIRED.get(kind, ()):
        if key not in data or (kind.endswith("/ssh-auth") and not data[key]):
            yield required_value(f"data[{key}]")
        elif key.startswith(".docker"):
            yield from _json_problems(data, key)


def secret_warnings(new: Item, _old: Item | None) -> Iterator[str]:
    """What is wrong with the pair of a certificate and its key, as far as their frames tell."""
    if new.get("type") != _TLS:
        return
    data = new.get("data") or {}
    for key, what, wanted, shown in _PARTS:
        text = base64.b64decode(data.get(key) or "").decode("utf-8", "replace")
        found = _FRAMES.findall(text)
        if not found:
            yield f"tls: failed to find any PEM data in {what} input"
            return
        if not any(wanted.search(one) for one in found):
            passed = f"after skipping PEM blocks of the following types: [{' '.join(found)}]"
            yield f"tls: failed to find {shown} in {what} input {passed}"
            return


_TLS: Final = "kubernetes.io/tls"
_FRAMES: Final = re.compile(r"-----BEGIN ([^-]+)-----")
#: The parts of a pair: key, what messages call it, which frame it needs, and how they show that.
_PARTS: Final = (
    ("tls.crt", "certificate", re.compile("^CERTIFICATE$"), '"CERTIFICATE" PEM block'),
    (
        "tls.key",
        "key",
        re.compile("PRIVATE KEY$"),
        'PEM block with type ending in "PRIVATE KEY"',
    ),
)


def _json_problems(data: Mapping[str, str], key: str) -> Iterator[FieldProblem]:
    """A file of credentials has to be a JSON object; the refusal does not show it."""
    try:
        value = parse_json(base64.b64decode(data[key]))
    except ValueError as error:
        why = str(error)
    else:
        if value is None or isinstance(value, dict):
            return
        why = f"json: cannot unmarshal {json_kind(value)} into Go value of type {GO_MAP}"
    yield invalid_value(f"data[{key}]", "<secret contents redacted>", why)

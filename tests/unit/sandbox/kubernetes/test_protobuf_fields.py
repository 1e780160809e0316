"""Every member of every served kind has a number in the binary form, or it would be lost there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gitopsd.sandbox.kubernetes.kinds import builtin
from gitopsd.sandbox.kubernetes.protobuf_fields import numbers_of
from gitopsd.sandbox.kubernetes.resources import Resource
from gitopsd.sandbox.kubernetes.schema import Type

#: Go's client sends definitions as JSON: their schemas are free-form.
JSON_ONLY = ("customresourcedefinitions",)
#: Kind and version stand in the envelope.
ENVELOPE = {"apiVersion", "kind"}
SENT = [one for one in builtin() if one.plural not in JSON_ONLY]


def unnumbered(type_: Type, group: str, path: str) -> Iterator[str]:
    if type_.element is not None:
        yield from unnumbered(type_.element, group, path + "[]")
    numbered = set(numbers_of(type_.go, group).values()) if type_.fields else set()
    for embedded in [name for name in numbered if name.startswith("+")]:
        numbered |= set(numbers_of(embedded[1:], group).values())
    for name, member in type_.fields.items():
        if name not in numbered and name not in ENVELOPE:
            yield f"{path}.{name}"
        yield from unnumbered(member.type, group, f"{path}.{name}")


@pytest.mark.parametrize("resource", SENT, ids=lambda one: f"{one.api_version}/{one.kind}")
def test_every_member_has_a_number(resource: Resource) -> None:
    assert list(unnumbered(resource.type, resource.group, resource.kind)) == []

"""JSONPath of columns, ages, Go's way of printing, protobuf bodies."""

from __future__ import annotations

from typing import Any

import pytest

from gitopsd.sandbox.kubernetes import gotext, protobuf
from gitopsd.sandbox.kubernetes.errors import ApiError
from gitopsd.sandbox.kubernetes.jsonpath import found_by
from gitopsd.sandbox.kubernetes.kinds import builtin
from gitopsd.sandbox.kubernetes.kinds.cells import short_duration
from gitopsd.sandbox.kubernetes.resources import Registry

ITEM = {
    "a": {"b.c": [{"type": "Ready", "status": "True"}, {"type": "Other", "status": "False"}]},
    "n": 3,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".n", [3]),
        ("n", [3]),
        (r".a.b\.c[0].type", ["Ready"]),
        (r'.a.b\.c[?(@.type=="Other")].status', ["False"]),
        (r".a['b\.c'][*].status", ["True", "False"]),
        (".a['b.c'][*].status", []),
        (".a.missing.deeper", []),
        (r".a.b\.c[9]", []),
        (".a..b", []),
    ],
)
def test_a_path_finds_what_columns_need(path: str, found: list[Any]) -> None:
    assert found_by(path, ITEM) == found


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "<unknown>"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (200, "3m20s"),
        (3600, "60m"),
        (4 * 3600 + 60, "4h1m"),
        (30 * 3600, "30h"),
        (51 * 3600, "2d3h"),
        (9 * 86400, "9d"),
        (800 * 86400, "2y70d"),
        (730 * 86400, "2y"),
        (3000 * 86400, "8y"),
        (1e12, "292y"),
        (-1.9, "0s"),
        (-2, "<invalid>"),
    ],
)
def test_ages_are_as_short_as_kubectl_shows_them(seconds: float | None, shown: str) -> None:
    assert short_duration(seconds) == shown


def test_values_are_printed_as_go_prints_them() -> None:
    assert gotext.quote('a"\n\x01é') == '"a\\"\\n\\x01é"'
    assert gotext.plain({"b": [1, True, None], "a": "x"}) == "map[a:x b:[1 true <nil>]]"


def length_prefixed(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data


def text(number: int, value: str) -> bytes:
    return length_prefixed(number, value.encode())


def number(field: int, value: int) -> bytes:
    return bytes([field << 3, value])


def enveloped(raw: bytes, kind: str) -> bytes:
    meta = text(1, "v1") + text(2, kind)
    return b"k8s\x00" + length_prefixed(1, meta) + length_prefixed(2, raw)


def test_a_service_in_protobuf_reads_as_its_json() -> None:
    port = text(1, "http") + number(3, 80)
    port += length_prefixed(4, number(1, 1) + text(3, "web"))
    spec = length_prefixed(1, port) + length_prefixed(2, text(1, "app") + text(2, "tea"))
    spec += text(4, "NodePort")
    body = enveloped(length_prefixed(1, text(1, "tea")) + length_prefixed(2, spec), "Service")
    type_ = Registry(builtin()).named("services").type
    assert protobuf.read(body, type_) == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "tea"},
        "spec": {
            "ports": [{"name": "http", "port": 80, "targetPort": "web"}],
            "selector": {"app": "tea"},
            "type": "NodePort",
        },
    }


def test_members_of_an_embedded_message_stand_beside_the_others() -> None:
    path = length_prefixed(1, text(1, "/"))
    rule = text(1, "a.example.com") + length_prefixed(2, length_prefixed(1, path))
    body = enveloped(length_prefixed(2, length_prefixed(3, rule)), "Ingress")
    type_ = Registry(builtin()).named("ingresses.networking.k8s.io").type
    (read,) = protobuf.read(body, type_)["spec"]["rules"]
    assert read == {"host": "a.example.com", "http": {"paths": [{"path": "/"}]}}


@pytest.mark.parametrize("body", [b"", b"{}", b"k8s\x00\xff", b"k8s\x00\x12\x7f"])
def test_a_body_that_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(ApiError) as refusal:
        protobuf.read(body, Registry(builtin()).named("services").type)
    assert refusal.value.code == 400

"""Edits in the styles of real files, each shown as the lines that it changes."""

from __future__ import annotations

import difflib

import pytest

from gitopsd.model.identity import Identity
from gitopsd.spec.editing import Edit, Insert, Put, Remove, edited, find, without

GROUP = """\
apiVersion: gitopsd.io/v1alpha1
kind: ServerGroup
metadata: {name: warehouse, namespace: shop}
spec:
  product: ALB   # the shop's
  healthCheck:
    path: '/healthz'
    # not too often
    intervalSeconds: 5
  servers:
  # rack one
  - {ip: 192.168.20.11, port: 8080}   # old
  # rack two
  - ip: 192.168.20.12
    port: 8080
  - {ip: 192.168.20.13, port: 8080, weight: 50}
"""
SERVERS = ("spec", "servers")
NEW = {"ip": "192.168.20.14", "port": 80, "weight": 7}


def change(text: str, *edits: Edit) -> list[str]:
    """The lines that go and those that come."""
    after = edited(text.encode(), 0, edits)
    assert after is not None
    lines = difflib.ndiff(text.splitlines(), after.decode().splitlines())
    return [line for line in lines if line[0] in "+-"]


CASES: dict[str, tuple[Edit, list[str]]] = {
    "a key joins the others of a flow mapping": (
        Put((*SERVERS, 0, "weight"), 5),
        [
            "-   - {ip: 192.168.20.11, port: 8080}   # old",
            "+   - {ip: 192.168.20.11, port: 8080, weight: 5}   # old",
        ],
    ),
    "text keeps its quotes": (
        Put(("spec", "healthCheck", "path"), "/it's"),
        ["-     path: '/healthz'", "+     path: '/it''s'"],
    ),
    "plain text that others read differently gets quotes": (
        Put(("spec", "product"), "on"),
        ["-   product: ALB   # the shop's", '+   product: "on"   # the shop\'s'],
    ),
    "a key goes with the comment above it": (
        Remove(("spec", "healthCheck", "intervalSeconds")),
        ["-     # not too often", "-     intervalSeconds: 5"],
    ),
    "an item goes with the comment above it": (
        Remove((*SERVERS, 1)),
        ["-   # rack two", "-   - ip: 192.168.20.12", "-     port: 8080"],
    ),
    "the first key of an item leaves the dash behind": (
        Remove((*SERVERS, 1, "ip")),
        ["-   - ip: 192.168.20.12", "-     port: 8080", "+   - port: 8080"],
    ),
    "an item is written as the one before it": (
        Insert(SERVERS, NEW),
        ["+   - {ip: 192.168.20.14, port: 80, weight: 7}"],
    ),
    "an item goes before the comment of the next one": (
        Insert(SERVERS, NEW, 1),
        ["+   - ip: 192.168.20.14", "+     port: 80", "+     weight: 7"],
    ),
    "a new key stands as deep as its neighbours": (
        Put(("spec", "scheduler"), "Wlc"),
        ["+   scheduler: Wlc"],
    ),
    "a new mapping stands on one line": (
        Put(("spec", "drift"), {"mode": "Report", "ignore": []}),
        ["+   drift: {mode: Report, ignore: []}"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_of_a_real_file(name: str) -> None:
    edit, lines = CASES[name]
    assert change(GROUP, edit) == lines


def test_several_edits_follow_one_another() -> None:
    edits = [Remove((*SERVERS, 0)), Put((*SERVERS, 0, "port"), 81), Insert(SERVERS, NEW)]
    after = edited(GROUP.encode(), 0, edits)
    assert after is not None
    assert after.decode().endswith(
        "  servers:\n"
        "  # rack two\n"
        "  - ip: 192.168.20.12\n"
        "    port: 81\n"
        "  - {ip: 192.168.20.13, port: 8080, weight: 50}\n"
        "  - {ip: 192.168.20.14, port: 80, weight: 7}\n"
    )


def test_the_last_item_of_a_block_leaves_an_empty_list() -> None:
    text = "spec:\n  servers:  # all\n  # one\n  - {ip: a}\n  port: 1\n"
    assert edited(text.encode(), 0, [Remove((*SERVERS, 0))]) == (
        b"spec:\n  servers: []  # all\n  port: 1\n"
    )


def test_an_item_joins_a_list_over_several_lines_behind_the_last_comment() -> None:
    text = "a: [\n    {b: 1},  # one\n    {b: 2}  # two\n  ]\n"
    assert edited(text.encode(), 0, [Insert(("a",), {"b": 3})]) == (
        b"a: [\n    {b: 1},  # one\n    {b: 2},  # two\n    {b: 3}\n  ]\n"
    )


def test_a_file_without_a_last_line_break_gets_none() -> None:
    assert edited(b"a: 1\nb: 2", 0, [Remove(("b",))]) == b"a: 1"
    assert edited(b"a: 1\nb: 2", 0, [Put(("c",), 3)]) == b"a: 1\nb: 2\nc: 3"


def test_line_breaks_and_the_mark_at_the_beginning_stay() -> None:
    text = "\ufeffa: ü  # ü\r\nb:\r\n- 1\r\n"
    assert edited(text.encode(), 0, [Insert(("b",), 2), Put(("a",), "x")]) == (
        "\ufeffa: x  # ü\r\nb:\r\n- 1\r\n- 2\r\n".encode()
    )


def test_a_key_without_a_value_gets_one() -> None:
    assert edited(b"a:\nb: 1\n", 0, [Put(("a",), 5)]) == b"a: 5\nb: 1\n"


def test_a_block_becomes_one_line() -> None:
    text = b"a:  # all\n  # one\n  b: 1\n# two\nc: [1]\n"
    assert edited(text, 0, [Put(("a",), False)]) == b"a: false  # all\n# two\nc: [1]\n"
    assert edited(text, 0, [Put(("c",), [])]) == text.replace(b"[1]", b"[]")


def test_a_text_over_several_lines_becomes_one() -> None:
    assert edited(b"a: |\n  x\n  y\n\nb: 1\n", 0, [Put(("a",), "z")]) == b"a: z\n\nb: 1\n"


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a: &x 1\n", Put(("a",), 2)),
        ("a: 1\n", Put(("b", "c"), 2)),
        ("a: [1, 2\n", Put(("a",), 2)),
    ],
)
def test_what_has_no_place_is_not_forced(text: str, edit: Edit) -> None:
    assert edited(text.encode(), 0, [edit]) is None


def test_a_document_is_found_by_its_identity_if_it_stands_there_once() -> None:
    other = GROUP.replace("warehouse", "depot")
    content = f"# a note\n---\n{GROUP}---\n---\n{other}".encode()
    assert find(content, Identity("ServerGroup", "shop", "depot")) == 1
    assert find(content, Identity("ServerGroup", "shop", "cellar")) is None
    assert find(content * 2, Identity("ServerGroup", "shop", "depot")) is None


def test_of_several_documents_one_goes_with_its_line_of_dashes() -> None:
    other = GROUP.replace("warehouse", "depot")
    assert without(f"{GROUP}---\n{other}".encode(), 1) == GROUP.encode()
    assert without(f"{GROUP}---\n{other}".encode(), 0) == f"---\n{other}".encode()
    assert without(GROUP.encode(), 0) == b""

"""Formats of texts, against what a real kube-apiserver takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitopsd.sandbox.kubernetes.schema_formats import FORMATS, format_of, is_known

RECORDED = json.loads(
    (Path(__file__).parents[3] / "conformance" / "kubernetes-formats.json").read_text()
)


@pytest.mark.parametrize("name", RECORDED["accepted"])
def test_a_format_takes_what_the_real_server_takes(name: str) -> None:
    check = FORMATS[format_of({"type": "string", "format": name})]
    taken = [value for value in RECORDED["values"] if check(value)]
    assert taken == RECORDED["accepted"][name]


def test_every_format_that_refuses_anything_is_recorded() -> None:
    recorded = {format_of({"format": name}) for name in RECORDED["accepted"]}
    assert set(FORMATS) - {"password"} == recorded


def test_hyphens_in_a_format_mean_nothing() -> None:
    assert format_of({"type": "string", "format": "i-sb-n10"}) == "isbn10"


@pytest.mark.parametrize("form", ["k8s-label", "int32", "ip"])
def test_a_format_of_another_kind_is_not_known(form: str) -> None:
    assert not is_known({"type": "string", "format": form})

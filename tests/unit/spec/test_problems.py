"""The table of what reading can find wrong, and the forms that guesses come from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gitopsd.spec
from gitopsd.model.position import Position
from gitopsd.spec.forms import closest, dotted, fields_at, is_reserved, range_at
from gitopsd.spec.model import ExposureSpec, FleetSpec
from gitopsd.spec.problems import READING, found

SOURCE = "\n".join(p.read_text() for p in Path(gitopsd.spec.__path__[0]).glob("*.py"))


def test_ids_are_those_of_reading() -> None:
    assert all(re.fullmatch(r"GX00\d\d", id_) for id_ in READING)


@pytest.mark.parametrize("id_", READING)
def test_every_row_is_complete_and_in_use(id_: str) -> None:
    entry = READING[id_]
    assert entry.title == entry.title.strip()
    assert entry.why.endswith(".")
    assert entry.mend.endswith((".", ")"))
    assert SOURCE.count(f'"{id_}"') >= 2


def test_a_finding_carries_its_row_and_may_mend_better() -> None:
    problem = found("GX0005", "twice", Position("a", 1, 2))
    assert (problem.why, problem.mend) == (READING["GX0005"].why, READING["GX0005"].mend)
    assert found("GX0005", "twice", mend="Do this.").mend == "Do this."


def test_what_was_meant_is_found_across_case_and_slips() -> None:
    known = ("loadBalancer", "targets", "pods")
    assert closest("loadbalancer", known) == "loadBalancer"
    assert closest("load_balancer", known) == "loadBalancer"
    assert closest("tagrets", known) == "targets"
    assert closest("xyz", known) is None


def test_paths_are_written_as_people_write_them() -> None:
    assert dotted(("spec", "ports", 0, "port")) == "spec.ports[0].port"
    assert dotted(()) == ""


def test_the_form_knows_what_may_stand_where() -> None:
    assert fields_at(ExposureSpec, ("loadBalancer",)) == ("type", "scheme", "ingressClass")
    assert fields_at(ExposureSpec, ("sessionPersistence",)) == ("timeoutSeconds",)
    assert fields_at(FleetSpec, ("targets", 3, "networks", 1))[:2] == ("name", "location")
    assert fields_at(ExposureSpec, ("pods", "selector")) == ()
    assert range_at(FleetSpec, ("guards", "maxDeletes")) == (0, 1_000_000)
    assert range_at(ExposureSpec, ("ports", 2, "targetPort")) == (1, 65535)
    assert range_at(ExposureSpec, ("nothing",)) == (None, None)


def test_names_are_reserved_in_exposures_only() -> None:
    assert is_reserved("Exposure", ("ports", 7, "serverGroup"))
    assert not is_reserved("ServerGroup", ("annotations",))

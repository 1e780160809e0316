"""A plan and its outcome on paper: what a reader is told, and what cannot reach the terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gitopsd.engine.planning import plan_target
from gitopsd.model.identity import Identity
from gitopsd.model.outcome import Outcome, StepResult, StepState
from gitopsd.model.plan import Change, Operation, Plan, Step, StepKind
from gitopsd.planning import PlanOptions
from gitopsd.planning.holds import hold
from gitopsd.planning.notices import notice
from gitopsd.planning.render import (
    outcome_markdown,
    outcome_text,
    plan_markdown,
    plan_text,
    summary,
)
from gitopsd.typography import Palette
from tests.unit.build import OWNER, found, group, ingress, live, live_group, service, wanted

SERVER = ("192.168.20.11", 8080, 100)
OWNER_OF = Identity("Exposure", "shop", "tea")


def planned(*arguments: Any, **options: Any) -> Plan:
    return plan_target(*arguments, OWNER, PlanOptions(date(2026, 11, 22), **options))


def first() -> Plan:
    stock = group("warehouse", SERVER)
    return planned(wanted(ingress(groups=[stock.identity]), stock, service("tea")), found())


def step(operation: Operation = Operation.UPDATE, **more: Any) -> Step:
    return Step(operation, "Service", Identity("Service", "shop", "tea"), OWNER_OF, **more)


def plan(*steps: Step, **more: Any) -> Plan:
    return Plan("acme", "edge", steps, **more)


def test_an_empty_plan_says_that_there_is_nothing_to_do() -> None:
    assert plan_text(plan()) == "edge: nothing to do"
    assert plan_markdown(plan()) == "### `edge`: nothing to do"


def test_the_summary_counts_resources_and_not_steps() -> None:
    assert summary(first()) == "3 to create"


def test_members_that_come_or_go_change_the_group_that_is_there() -> None:
    before, after = group("warehouse", SERVER), group("warehouse", ("192.168.20.12", 80, 1))
    result = planned(wanted(after), found(live_group(before)))
    assert {step.kind for step in result.steps} == {"Members", "ServerGroup"}
    assert summary(result) == "1 to change"
    assert "    + add     members of ServerGroup shop/warehouse (sgp-one)" in plan_text(result)
    assert "    - remove  members of ServerGroup shop/warehouse (sgp-one)" in plan_text(result)


def test_what_is_created_has_one_line_that_says_what_it_is() -> None:
    assert plan_text(first()).splitlines()[1:-2] == [
        "",
        "  Exposure/shop/menu",
        "    + create  Ingress shop/menu: demo.example.com/",
        "        known after apply: the id of <shop/warehouse>",
        "  Exposure/shop/tea",
        "    + create  Service shop/tea: LoadBalancer, port 80 → 8080",
        "  ServerGroup/shop/warehouse",
        "    + create  ServerGroup shop/warehouse: ALB, HTTP, 1 member",
    ]
    assert plan_text(first()).endswith(f"plan {first().hash}")


def test_only_ids_that_are_not_known_yet_are_told_as_such() -> None:
    old, new = group("warehouse", SERVER), group("depot", SERVER)
    menu = ingress(groups=[old.identity, new.identity])
    text = plan_text(planned(wanted(menu, old, new), found(live_group(old))))
    assert "known after apply: the id of <shop/depot>\n" in text


def test_a_verbose_plan_has_a_line_for_every_field_and_a_step_for_the_members() -> None:
    text = plan_text(first(), full=True)
    assert re.search(r"^        \+ spec\.type +LoadBalancer$", text, re.MULTILINE)
    assert "    + add     members of ServerGroup shop/warehouse" in text


def created(kind: StepKind, content: dict[str, Any]) -> str:
    """The line of a new thing."""
    item = Step(
        Operation.CREATE,
        kind,
        Identity(kind, "shop", "tea"),
        OWNER_OF,
        (Change("", None, content),),
    )
    return plan_text(plan(item)).splitlines()[3].partition("shop/tea")[2]


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        ({}, ": ClusterIP"),
        ({"ports": [{"port": 53, "protocol": "UDP"}]}, ": ClusterIP, port 53/UDP"),
        ({"type": "T", "ports": [{"port": n} for n in range(1, 6)]},
         ": T, ports 1, 2, 3 and 2 more"),
        ({"type": "T", "loadBalancerClass": "c", "ports": [{"port": 1, "targetPort": "web"}]},
         ": T c, port 1 → web"),
    ],
)  # fmt: skip
def test_a_new_service_is_told_by_its_type_and_ports(spec: dict[str, Any], line: str) -> None:
    assert created("Service", {"spec": spec}) == line


def test_a_new_ingress_is_told_by_its_hosts() -> None:
    paths = {"paths": [{"path": "/a"}, {"path": "/b\x1b[2J"}]}
    rules = [{"host": "x.example.com", "http": paths}, {"http": {"paths": [{"path": "/"}]}}]
    line = created("Ingress", {"spec": {"rules": rules}})
    assert line == ": x.example.com/a, x.example.com/b\\x1b[2J, */"


def test_a_new_thing_that_is_held_says_why_behind_what_it_is() -> None:
    text = plan_text(planned(wanted(service("tea")), found(namespaces=())))
    assert "    ! held    create Service shop/tea: LoadBalancer, port 80 → 8080\n" in text
    assert "spec.type" not in text


def test_what_is_taken_over_shows_every_value_that_moves() -> None:
    change = Change("metadata.annotations[a]", "x" * 200 + "1", "x" * 200 + "2", "a note")
    text = plan_text(plan(step(Operation.ADOPT, changes=(change,))))
    told = "".join(line.strip() for line in text.splitlines())
    assert "a note" in told
    assert "x" * 200 + "1" in told
    assert "x" * 200 + "2" in told


def test_markdown_folds_what_is_created_into_one_list() -> None:
    text = plan_markdown(first())
    assert "<details><summary>3 to create</summary>" in text
    assert "- **+ create** `Service shop/tea`: LoadBalancer, port 80 → 8080" in text
    assert "spec.type" not in text
    assert "| + | `spec.type` |  | `LoadBalancer` |" in plan_markdown(first(), full=True)


def test_a_narrow_terminal_gets_narrow_lines() -> None:
    held = planned(wanted(service("tea")), found(namespaces=()))
    for result in (first(), held):
        lines = plan_text(result, width=60).splitlines()
        assert [line for line in lines if len(line) > 60 and not line.startswith("  plan ")] == []


def test_nothing_is_left_out_of_a_verbose_plan() -> None:
    text = plan_text(first(), full=True)
    assert "metadata.labels[gitopsd.io/instance]" in text
    assert "tags[gitopsd.io/digest]" in text


def test_a_change_is_told_as_from_and_to() -> None:
    item = service("tea")
    seen = found(live(item, edits={"spec.externalTrafficPolicy": "Local"}))
    assert "~ spec.externalTrafficPolicy  Local → Cluster" in plan_text(planned(wanted(item), seen))


def test_a_change_inside_an_annotation_is_told_by_its_note_and_its_difference() -> None:
    seen = found(live(ingress(weight=80)))
    text = plan_text(planned(wanted(ingress(weight=50)), seen))
    assert "80" in text
    assert "50" in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_a_held_step_says_why_and_what_lets_it_go_on() -> None:
    item = service("tea")
    result = planned(wanted(item), found(namespaces=()))
    text = plan_text(result)
    assert summary(result) == "1 held"
    assert "    ! held    create Service shop/tea" in text
    assert "why: namespace shop does not exist" in text
    assert "to go on: kubectl create namespace shop" in text
    assert "kubectl create namespace shop" in plan_markdown(result)


def test_an_incomplete_observation_is_told() -> None:
    incomplete = plan(complete=False)
    assert "incomplete" in plan_text(incomplete)
    assert "incomplete" in plan_markdown(incomplete)


def test_a_step_that_only_writes_marks_says_so() -> None:
    change = Change("metadata.labels[gitopsd.io/digest]", "a", "b")
    marks = step(changes=(change,))
    assert "only its marks: what is asked for stands there" in plan_text(plan(marks))
    later = marks.held(hold("dependency", step="update Members shop/tea"))
    for text in (plan_text(plan(later)), plan_markdown(plan(later))):
        assert "only its marks, once the rest is done" in text


def test_what_a_notice_says_in_markdown_is_told_apart() -> None:
    notices = (notice("GX1006", target="bt"), notice("GX1006", target="ct"))
    said = [line for line in plan_markdown(plan(notices=notices)).splitlines() if ">" in line]
    assert [line[:16] for line in said] == ["> - target bt ha", "> - target ct ha"]
    assert (
        " as it is: a target that is missing from fleet.yaml is no order to empty it; " in said[0]
    )


def test_no_line_is_wider_than_the_terminal_but_for_names_that_cannot_be_broken() -> None:
    for width in (80, 120):
        lines = plan_text(first(), width=width).splitlines()
        assert [line for line in lines if len(line) > width] == []


@pytest.mark.parametrize("colours", [False, True])
def test_foreign_values_cannot_steer_the_terminal(colours: bool) -> None:
    evil = step(
        changes=(Change("spec.type\x1b[2J", "a\x1b[1A", "b\u202e", "note\x07"),),
        why="w\x1b[0m",
    )
    text = plan_text(plan(evil), palette=Palette(colours))
    for code in ("\x1b[2J", "\x1b[1A", "\u202e", "\x07"):
        assert code not in text


def test_foreign_values_cannot_leave_their_cell_in_markdown() -> None:
    evil = step(changes=(Change("spec.type", "a | b", "`<img>`\n# x"),))
    row = next(line for line in plan_markdown(plan(evil)).splitlines() if "spec.type" in line)
    assert row.replace("\\|", "").count("|") == 5
    assert "``" in row


def test_colours_are_written_only_when_asked_for() -> None:
    assert "\x1b[" not in plan_text(first())
    assert "\x1b[36m" in plan_text(first(), palette=Palette(enabled=True))


def outcome(*states: StepState) -> Outcome:
    steps = tuple(
        replace(step(), identity=Identity("Service", "shop", f"s{number}"))
        for number in range(len(states))
    )
    results = tuple(
        StepResult(item, state, "because", "do this")
        for item, state in zip(steps, states, strict=True)
    )
    return Outcome(plan(*steps), results)


def test_an_outcome_counts_and_tells_what_was_not_done() -> None:
    mixed = outcome(StepState.DONE, StepState.DONE, StepState.FAILED, StepState.BLOCKED)
    assert outcome_text(mixed) == (
        "edge: 4 steps: 2 done, 1 failed, 1 blocked\n"
        "  ✗ failed    change Service shop/s2\n"
        "      because\n"
        "      to go on: do this\n"
        "  ! blocked   change Service shop/s3\n"
        "      because\n"
        "      to go on: do this"
    )
    assert "✓ done      change Service shop/s0" in outcome_text(mixed, full=True)
    assert "**failed** `change Service shop/s2`" in outcome_markdown(mixed)


@pytest.mark.parametrize("state", list(StepState))
def test_every_state_of_a_step_has_words(state: StepState) -> None:
    assert outcome_text(outcome(state), full=True).count("shop/s0") == 1


def test_what_went_wrong_beside_the_steps_is_told() -> None:
    text = outcome_text(Outcome(plan(), (), ("the record could not be kept",)))
    assert text == "edge: nothing to do\n  ! the record could not be kept"

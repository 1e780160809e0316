"""Drift on paper: each path with what was wanted and found, who wrote it, and where it is asked."""

from __future__ import annotations

import re
from typing import Any

from gitopsd.drift import render
from gitopsd.drift.render import Page, page_html, page_markdown, summary
from gitopsd.drift.render.language import ENGLISH
from gitopsd.drift.render.phrases import note_of
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Gap
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.position import Position
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import (
    Assessment,
    Attribution,
    Cause,
    Difference,
    State,
    Verdict,
    Waiting,
    WaitingFor,
)
from gitopsd.typography import Palette
from tests.unit.drift.looks import START, by, drift, look

SERVICE = Identity("Service", "shop", "tea")
EXPOSURE = Identity("Exposure", "shop", "tea")
FINE, GROUP = Identity("Exposure", "shop", "fine"), Identity("ServerGroup", "shop", "stock")
DRIFTED = Difference(
    SERVICE,
    "spec.ports[443/TCP].name",
    "https",
    "web",
    Cause.DRIFT,
    who=Attribution("kubectl-edit", "Update", "2027-01-30T12:04:05Z"),
    position=Position("tea.yaml", 7, 3),
    outlook=Outlook(Action.CORRECT),
)
CHANGED = Difference(SERVICE, "spec.type", "LoadBalancer", "ClusterIP", Cause.CHANGE)
DIGEST = Difference(SERVICE, "metadata.labels[gitopsd.io/digest]", "a", "b", Cause.CHANGE)


def assessment(*differences: Difference, state: State = State.DRIFTED) -> Assessment:
    fine = Verdict(FINE, State.IN_SYNC)
    return Assessment("edge", (fine, Verdict(EXPOSURE, state, differences)))


def page_text(given: Assessment, **how: Any) -> str:
    return render.page_text(render.Page(given), **how)


def test_drift_is_told_with_both_values_who_when_and_the_spec_line() -> None:
    assert page_text(assessment(DRIFTED)) == (
        "edge: 1 drifted, 1 in sync\n"
        "\n"
        "  ! Exposure/shop/tea: drifted\n"
        "    changed behind Git's back (wanted → found)\n"
        "      Service/shop/tea  spec.ports[443/TCP].name  https → web\n"
        "        by kubectl-edit (Update) at 2027-01-30T12:04:05Z; asked for at tea.yaml:7:3\n"
        "    What happens next: The next pass puts it right.\n"
        "    What you can do:\n"
        "      gitopsd apply --target edge --wait\n"
        "      gitopsd drift accept Exposure/shop/tea --target edge\n"
        "      gitopsd drift hold Exposure/shop/tea --path 'Service/spec.ports[443/TCP].name'"
        " --until 2h --reason 'why' --target edge"
    )


def test_an_exception_that_ran_out_for_an_action_is_told_as_it_was_written() -> None:
    over = Difference(
        SERVICE,
        "metadata.annotations[alb.ingress.kubernetes.io/actions.forward]",
        "Ignore",
        None,
        Cause.DRIFT,
        note="migration",
        reason=Reason.EXPIRED,
    )
    assert note_of(over, ENGLISH) == "migration"


def test_a_change_in_git_is_told_apart_from_drift() -> None:
    text = page_text(assessment(DRIFTED, CHANGED))
    assert "changed in Git, not applied yet (found → wanted)" in text
    assert "spec.type  ClusterIP → LoadBalancer" in text


def test_a_digest_is_told_only_where_it_is_all_that_differs() -> None:
    assert "digest" not in page_text(assessment(CHANGED, DIGEST, state=State.CHANGED))
    assert "digest" in page_text(assessment(CHANGED, DIGEST, state=State.CHANGED), full=True)
    assert "digest" in page_text(assessment(DIGEST, state=State.CHANGED))


def test_what_is_in_sync_is_counted_and_listed_only_when_asked() -> None:
    assert "fine" not in page_text(assessment(DRIFTED))
    assert "✓ Exposure/shop/fine: in sync" in page_text(assessment(DRIFTED), full=True)


def test_an_incomplete_observation_is_never_green() -> None:
    blind = Assessment("edge", (), (Gap("Services", "no right to list them"),))
    assert summary(blind) == "nothing could be read"
    assert "could not be read: Services: no right to list them" in page_text(blind)
    assert "no right to list them" in page_markdown(Page(blind))


def test_a_group_whose_health_could_not_be_read_is_not_counted_as_in_sync() -> None:
    waits = (Waiting(WaitingFor.HEALTH, GROUP, "the health of group members could not be read"),)
    verdicts = (Verdict(FINE, State.IN_SYNC), Verdict(GROUP, State.IN_SYNC, waiting=waits))
    gaps = (Gap("health", "500"),)
    unheard = Assessment("edge", verdicts, gaps)
    assert summary(unheard).startswith("1 as asked for with unknown health, 1 in sync; not every")
    (told,) = re.findall("<h1.*?>(.*?)</h1>", page_html([Page(unheard)]))
    assert "as far as could be read" in told
    (listed,) = re.findall("<details>.*?</details>", page_html([Page(unheard)]), re.DOTALL)
    assert (str(FINE) in listed, str(GROUP) in listed) == (True, False)
    assert [item["green"] for item in unheard.to_json()["verdicts"]] == [True, False]


def test_markdown_has_a_row_for_each_path() -> None:
    text = page_markdown(Page(assessment(DRIFTED, CHANGED)))
    rows = [line for line in text.splitlines() if line.startswith("| `Service/shop/tea`")]
    assert len(rows) == 2
    assert "`https` | `web`" in rows[0]
    assert "kubectl-edit" in rows[0]
    assert "changed in Git" in rows[1]


def test_long_values_keep_the_part_that_differs() -> None:
    long = Difference(SERVICE, "a", "x" * 300 + "30", "x" * 300 + "40", Cause.DRIFT)
    lines = page_text(assessment(long)).splitlines()
    assert max(len(line) for line in lines) <= 100
    assert any("xx30 → " in line and line.endswith("xx40") for line in lines)


def test_foreign_values_cannot_steer_the_terminal() -> None:
    evil = Difference(
        SERVICE, "spec\x1b[2J", "a\x1b[1A", "b\u202e", Cause.DRIFT,
        who=Attribution("m\x07", "Update", "t\r"),
    )  # fmt: skip
    text = page_text(assessment(evil), palette=Palette(enabled=True))
    for code in ("\x1b[2J", "\x1b[1A", "\u202e", "\x07", "\r"):
        assert code not in text


def test_a_thing_that_is_there_or_not_is_told_in_words() -> None:
    whole = Difference(SERVICE, "", {"spec": {}}, None, Cause.DRIFT)
    assert "Service/shop/tea  is gone" in page_text(assessment(whole))
    unborn = Difference(SERVICE, "", {"spec": {}}, None, Cause.CHANGE)
    assert "Service/shop/tea  does not exist yet" in page_text(assessment(unborn))
    left = Difference(SERVICE, "", None, {"spec": {}}, Cause.CHANGE)
    assert "is there, and nothing asks for it" in page_text(assessment(left))
    assert '{"spec": {}}' in page_text(assessment(left), full=True)


def test_a_narrow_terminal_gets_narrow_lines() -> None:
    noted = Difference(SERVICE, "spec.type", "a", "b", Cause.DRIFT, note="word " * 20)
    lines = page_text(assessment(noted, DRIFTED), width=60).splitlines()
    assert max(len(line) for line in lines if not line.startswith("      gitopsd ")) <= 60
    assert "        asked for at tea.yaml:7:3" in lines


def test_each_field_names_its_own_writer_and_no_other() -> None:
    """What kubectl wrote is not blamed on helm, nor what a shadow came with on either."""
    first = drift(who=by("helm", START))
    second = drift(path="metadata.annotations[x]", who=by("kubectl-edit", START),
                   reason=Reason.ADDITION)  # fmt: skip
    third = drift(path="spec.selector")
    page = Page(look(first, second, third))
    rows = re.findall(r"<tr>.*?</tr>", page_html([page]), re.DOTALL)
    told = [
        [name for name in ("helm", "kubectl-edit", "not recorded") if name in row]
        for row in rows[1:]
    ]
    assert sorted(told) == [["helm"], ["kubectl-edit"], ["not recorded"]]
    assert "<dt>Who</dt>" not in page_html([page])
    assert "<dt>Who</dt>" in page_html([Page(look(first))])

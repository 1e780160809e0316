"""Memory, quiet hours, patience and texts, each by itself."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.alerts import Attempt, Memory, Pacing, Quiet, Rules, Said
from gitopsd.alerts.pacing import patient_at
from gitopsd.alerts.texts import TEXTS
from gitopsd.model.message import News, Severity, cut
from tests.unit.alerts.hours import START, Hours, drift, verdict

SAID = st.builds(
    Said,
    open=st.booleans(),
    at=st.just("2026-11-22T09:00:00Z"),
    severity=st.sampled_from(Severity),
    fight=st.booleans(),
    escalated=st.booleans(),
    came_back=st.integers(0, 99),
    handle=st.text(max_size=9),
    body=st.text(max_size=9),
)


ATTEMPT = st.builds(
    Attempt,
    key=st.text(max_size=9),
    news=st.sampled_from(News),
    tries=st.integers(1, 3),
    until=st.just("2026-11-22T09:01:00Z"),
    before=st.none() | SAID,
    doubtful=st.just(True),
    have=st.lists(st.text(max_size=12), max_size=3).map(tuple),
)
NAMES = st.text(min_size=1, max_size=16)


@given(st.dictionaries(NAMES, SAID, max_size=9), st.dictionaries(NAMES, ATTEMPT, max_size=9))
def test_a_memory_is_read_back_as_it_was_written(
    said: dict[str, Said], attempts: dict[str, Attempt]
) -> None:
    memory = Memory(said, ("2026-11-22T09:00:00Z 01234567",), attempts)
    assert Memory.from_json(memory.to_json()) == memory


def test_what_was_refused_is_tried_at_once_by_a_new_process() -> None:
    refused = Attempt("key", News.OPENED, 3, "2026-11-22T09:01:00Z", doubtful=False)
    memory = Memory(attempts={"a": refused})
    assert Memory.from_json(memory.to_json()) == Memory()


@pytest.mark.parametrize(
    "content",
    [{}, {"said": 1}, {"said": {"a": 1, "b": {"open": True}}, "sent": "x"},
     {"said": {"a": {"open": True, "at": "t", "severity": "loud"}}},
     {"unanswered": {"a": {"key": "k"}, "b": 1}}],
)  # fmt: skip
def test_a_memory_that_makes_no_sense_is_none(content: dict[str, object]) -> None:
    assert Memory.from_json(content) == Memory()


def test_a_memory_keeps_within_its_bounds() -> None:
    memory = Memory()
    for number in range(100):
        said = {f"{number}-{index}": Said(False, f"{number:04}") for index in range(100)}
        memory = memory.with_said(said, f"{number:04} key")
    assert len(memory.said) == 3000
    assert len(memory.sent) == 32
    assert "99-99" in memory.said


@given(st.lists(st.integers(0, 7200), max_size=60))
def test_patience_lets_through_at_most_a_burst_and_one_every_refill(wishes: list[int]) -> None:
    pacing, sent = Pacing(), list[datetime]()
    for second in sorted(wishes):
        now = START + timedelta(seconds=second)
        if patient_at(sent, now, pacing) <= now:
            sent.append(now)
    for first in sent:
        assert sum(first <= other < first + timedelta(hours=1) for other in sent) <= 12


@pytest.mark.parametrize(
    ("hour", "minute", "ends"),
    [(13, 59, None), (14, 0, 24), (23, 59, 24), (0, 30, 0), (2, 0, None)],
)
def test_quiet_hours_go_over_midnight_in_their_own_zone(
    hour: int, minute: int, ends: int | None
) -> None:
    """22:00 to 08:00 in Shanghai is 14:00 to 24:00 UTC."""
    quiet = Quiet(time(22), time(8), "Asia/Shanghai")
    now = datetime(2026, 11, 22, hour, minute, tzinfo=UTC)
    found = quiet.until(now)
    if ends == 24:
        assert found == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    else:
        assert found is None


def test_quiet_days_are_those_on_which_the_hours_begin() -> None:
    quiet = Quiet(time(22), time(8), "UTC", frozenset({"Sun"}))
    assert quiet.until(datetime(2026, 11, 22, 23, tzinfo=UTC)) is not None  # a Sunday
    assert quiet.until(datetime(2026, 11, 23, 7, tzinfo=UTC)) is not None
    assert quiet.until(datetime(2026, 11, 23, 23, tzinfo=UTC)) is None


def test_both_languages_fill_in_the_same_values() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert {key for key, (en, zh) in TEXTS.items() if places(en) != places(zh)} == set()


def test_a_text_is_cut_between_lines_and_within_bytes() -> None:
    lines = ["猫" * 10] * 10
    text = cut(iter(lines), 100, "(cut)")
    assert len(text.encode()) <= 100
    assert text.endswith("\n(cut)")
    assert cut(iter(lines), 1000, "(cut)") == "\n".join(lines)


def test_what_others_wrote_stands_in_code_only() -> None:
    hours = Hours(Rules("ops"), lambda _: [verdict("tea", drift("tea", "@all click here"))])
    [(_, message)] = hours.run(timedelta(minutes=5)).messages
    assert "@all" not in message.title
    assert all("@all" not in line.text for line in message.lines)
    assert any("@all" in line.code for line in message.lines)

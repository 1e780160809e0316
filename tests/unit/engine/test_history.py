"""What is remembered of the last passes, and what is no news."""

from __future__ import annotations

from dataclasses import replace

from gitopsd.model.history import KEPT, LONGEST, PassEntry, PassState, brief, with_pass

DONE = PassEntry("t1", "a", PassState.DONE, "h", steps=(("done", 2),))
SETTLED = PassEntry("t2", "a", PassState.IN_SYNC)
FAILED = PassEntry("t3", "a", PassState.FAILED, "h", steps=(("failed", 1),), trouble="no quota")


def test_finding_all_in_order_after_putting_it_in_order_is_no_news() -> None:
    assert with_pass((DONE,), SETTLED) == (DONE,)
    assert with_pass((FAILED,), SETTLED) == (FAILED, SETTLED)
    assert with_pass((DONE,), replace(SETTLED, revision="b"))[-1].revision == "b"


def test_failing_in_the_same_way_is_told_once_and_writing_each_time() -> None:
    assert with_pass((FAILED,), replace(FAILED, time="t4")) == (FAILED,)
    assert len(with_pass((DONE,), replace(DONE, time="t4"))) == 2


def test_the_last_fifty_are_kept() -> None:
    history: tuple[PassEntry, ...] = ()
    for number in range(KEPT + 5):
        history = with_pass(history, replace(DONE, time=str(number)))
    assert len(history) == KEPT
    assert history[-1].time == str(KEPT + 4)


def test_trouble_that_is_too_long_ends_after_a_word_and_says_so() -> None:
    assert brief("no quota") == "no quota"
    told = brief("member " * 40)
    assert told.endswith("member …")
    assert len(told) <= LONGEST
    assert len(brief("x" * 500)) <= LONGEST


def test_an_entry_reads_back_as_it_was() -> None:
    for entry in (DONE, SETTLED, FAILED):
        assert PassEntry.from_json(entry.to_json()) == entry

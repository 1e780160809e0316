from __future__ import annotations

import pytest

from gitopsd.daemon.board import Board, Voice


def test_what_one_has_said_goes_when_it_is_anothers_to_tell() -> None:
    board = Board()
    voice = Voice(board, "shop/edge")
    voice.tell("too early")
    assert board.lines == {}
    voice.begin()
    voice.tell("it burns")
    voice.tell("nobody hears of it", "alerts")
    board.tell("shop", "Git is away")
    assert set(board.lines) == {"shop", "shop/edge", "shop/edge alerts"}
    voice.end()
    voice.tell("too late")
    assert board.lines == {"shop": "Git is away"}


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (
            "Failed to connect to h after 3 ms: refused",
            "Failed to connect to h after 1207 ms: refused",
        ),
        ("no answer for 4 seconds", "no answer for 10.5 seconds"),
        ("it did not complete in 300 s", "it did not complete in 301 s"),
        (
            "<HTTPConnection object at 0x7f00>: refused",
            "<HTTPConnection object at 0x80aa>: refused",
        ),
    ],
)
def test_the_same_trouble_is_no_news_however_long_it_takes(first: str, again: str) -> None:
    news, times = list[str](), iter(["08:00", "09:00"])
    board = Board(news.append, now=lambda: next(times))
    assert board.tell("shop", first)
    assert not board.tell("shop", again)
    assert board.lines == {"shop": first}
    assert board.since == {"shop": "08:00"}
    assert board.tell("shop", "HTTP 503")
    assert board.since == {"shop": "09:00"}
    assert board.tell("shop", "")
    assert board.since == {}
    assert news == ["shop"] * 3


def test_other_numbers_are_news() -> None:
    board = Board()
    assert board.tell("shop", "HTTP 502")
    assert board.tell("shop", "HTTP 503")
    assert board.tell("shop", "2 steps failed")
    assert board.tell("shop", "3 steps failed")

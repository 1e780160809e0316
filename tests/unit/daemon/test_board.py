from __future__ import annotations

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

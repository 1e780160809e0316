from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from gitopsd.daemon import pushes
from gitopsd.daemon.agenda import Wish
from gitopsd.daemon.pushes import Pushes
from tests.scenarios.operating import eventually


class Stage:
    """Where pushes are told and looked at; `happened` says in which order."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self.words: list[str] = []
        self.known = True
        self.theirs = False
        self.telling = threading.Event()
        self.telling.set()
        self.pushes = Pushes("shop", self.look, self.tell, lambda: self.known, self.fail)

    def look(self, wish: Wish) -> None:
        self.happened.append(f"look: {wish}")

    def tell(self, push: str) -> bool:
        assert self.telling.wait(120)
        self.happened.append("told")
        self.words.append(push)
        return self.theirs

    def fail(self, error: Exception) -> None:
        self.happened.append(repr(error))


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(pushes, "_MOMENT", 0.02)
    monkeypatch.setattr(pushes, "_AFTER_YOU", 0.02)
    made = Stage()
    made.pushes.start()
    yield made
    made.pushes.leave()
    eventually(lambda: not made.pushes.alive)


@pytest.mark.parametrize("theirs", [False, True])
def test_others_are_told_of_a_push_before_it_is_looked_at(stage: Stage, theirs: bool) -> None:
    stage.theirs = theirs
    stage.pushes.push()
    eventually(lambda: stage.happened == ["told", "look: push"])


def test_where_all_is_others_they_go_first(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushes, "_AFTER_YOU", 3600.0)
    stage.theirs = True
    stage.pushes.push()
    stage.pushes.push()
    eventually(lambda: stage.happened == ["told"])
    stage.theirs = False
    stage.pushes.push()
    eventually(lambda: stage.happened == ["told", "told", "look: push"])


def test_a_hundred_pushes_at_once_are_told_twice_at_most(stage: Stage) -> None:
    stage.telling.clear()
    for _ in range(100):
        stage.pushes.push()
    stage.telling.set()
    eventually(lambda: "look: push" in stage.happened)
    stage.pushes.leave()
    eventually(lambda: not stage.pushes.alive)
    assert stage.happened.count("told") in (1, 2)
    assert len(set(stage.words)) == len(stage.words)


def test_while_nobody_knows_who_the_others_are_it_is_looked_at_and_they_are_told_later(
    stage: Stage,
) -> None:
    stage.known = False
    stage.pushes.push()
    eventually(lambda: stage.happened == ["look: push"])
    stage.known = True
    eventually(lambda: stage.happened == ["look: push", "told", "look: push"])


def test_a_push_that_others_tell_of_is_looked_at_once_and_told_to_nobody(stage: Stage) -> None:
    one, other = "0" * 32, "1" * 32
    assert stage.pushes.hear(one)
    assert stage.pushes.hear(other)
    assert not stage.pushes.hear(one)
    assert stage.happened == ["look: news", "look: news"]


def test_what_is_no_word_of_ours_is_not_listened_to(stage: Stage) -> None:
    stage.pushes.push()
    eventually(lambda: bool(stage.words))
    assert stage.pushes.hear(stage.words[0])
    for forged in ("", "x" * 32, "0" * 200_000, "0" * 31 + "\n"):
        assert not stage.pushes.hear(forged)

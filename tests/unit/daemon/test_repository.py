from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gitopsd.adapters.git import GitRepository
from gitopsd.daemon import repository
from gitopsd.daemon.agenda import Wish
from gitopsd.daemon.board import Board
from gitopsd.daemon.journal import Journal
from gitopsd.daemon.leases import Share, Tenure
from gitopsd.daemon.repository import RepositoryDesk
from gitopsd.daemon.settings import Repository
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.ownership import Owner
from gitopsd.ports import UNTRACED, FollowedSource, Misconfigured, Site, Term, Unreachable
from gitopsd.spec.model import Target
from tests.contract.git.authoring import Author
from tests.scenarios.operating import FLEET, eventually


class Hanging(GitRepository):
    """A repository whose server takes requests and says nothing until it is `awake`."""

    awake: threading.Event

    left = False

    def fetch(self) -> str:
        assert self.awake.wait(120)
        if self.left:
            raise Unreachable("it", "was not waited for any longer")
        return super().fetch()

    def leave(self) -> None:
        self.left = True
        self.awake.set()


class Way:
    """A way to one repository, and to no target."""

    def __init__(self, folder: Path) -> None:
        self.author = Author(folder / "work")
        self.author.write("fleet.yaml", FLEET.format(name="shop"))
        self.cache = folder / "cache"
        self.source = Hanging(str(self.author.folder), "main", cache_dir=self.cache)
        self.source.awake = threading.Event()
        self.board = Board()
        self.told: list[str] = []
        self.bad = ""

    tracer = UNTRACED

    def tell(self, repository: Repository, push: str) -> bool:
        self.told.append(push)
        return True

    def change(self, *_: object) -> None:
        if self.bad:
            raise Misconfigured("target edge", self.bad)

    def follow(self, repository: Repository) -> FollowedSource:
        return self.source

    def tenure(self, target: Target, owner: Owner, share: Share) -> Tenure:
        raise AssertionError(target)

    def site(self, target: Target, desired: DesiredTarget, term: Term) -> Site:
        raise AssertionError(target)


@pytest.fixture
def way(tmp_path: Path) -> Way:
    return Way(tmp_path)


MakeDesk = Callable[[Way], RepositoryDesk]


@pytest.fixture
def desk_of() -> Iterator[MakeDesk]:
    """Makes desks that look, until the test ends."""
    desks: list[RepositoryDesk] = []

    def make(way: Way) -> RepositoryDesk:
        form = Repository(name="shop", url=str(way.author.folder), branch="main")
        made = RepositoryDesk(
            form, way, way.board, Journal(lambda _: None),
            changed=way.change,
            pushed=way.tell,
        )  # fmt: skip
        desks.append(made)
        made.start()
        return made

    yield make
    for made in desks:
        made.leave()
        assert made.join(120)


@pytest.fixture
def desk(way: Way, desk_of: MakeDesk) -> RepositoryDesk:
    return desk_of(way)


def test_a_repository_that_hangs_keeps_no_replica_from_being_ready(
    desk: RepositoryDesk, way: Way
) -> None:
    way.author.commit()
    eventually(lambda: desk.looked)
    assert not desk.revision


def test_what_an_earlier_process_fetched_is_read_before_a_repository_that_hangs_is_waited_for(
    way: Way, desk_of: MakeDesk
) -> None:
    first = way.author.commit()
    GitRepository(str(way.author.folder), "main", cache_dir=way.cache).fetch()
    desk = desk_of(way)
    eventually(lambda: desk.revision == first)
    assert not desk.answered


def test_a_silence_is_told_in_the_same_words_until_somebody_answers(
    way: Way, desk_of: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "SILENCE", 0.01)
    first = way.author.commit()
    desk = desk_of(way)
    eventually(lambda: "shop" in way.board.lines)
    told = way.board.lines["shop"]
    assert "Git has not answered since 20" in told
    assert "nothing is known of it yet" in told
    assert desk._why(Unreachable("it", "the server did not answer in time; git says: 12 s")) == told
    way.source.awake.set()
    eventually(lambda: desk.revision == first and way.board.lines == {})


def test_leaving_ends_a_look_that_hangs_and_is_no_trouble(way: Way, desk_of: MakeDesk) -> None:
    desk = desk_of(way)
    eventually(lambda: desk.busy)
    desk.leave()
    assert desk.join(120)
    assert way.source.left
    assert way.board.lines == {}


def test_who_waits_no_longer_for_a_repository_is_behind_what_it_cannot_place(
    desk: RepositoryDesk, way: Way
) -> None:
    first = way.author.commit()
    way.source.awake.set()
    eventually(lambda: desk.revision == first)
    way.source.awake.clear()
    way.author.write("more.yaml", "")
    second = way.author.commit()
    told = threading.Event()
    desk.look(told.set, within=0.01)
    assert told.wait(60)
    assert desk.behind(first, second)
    assert not desk.behind(first, first)
    shutil.rmtree(way.cache)
    assert not desk.behind(first, first)
    way.source.awake.set()
    eventually(lambda: desk.revision == second)
    assert not desk.behind(second, first)
    eventually(lambda: not desk.behind(second, "f" * 40))  # it has answered: that one is gone


def test_a_push_is_told_to_others_though_our_own_look_hangs(way: Way, desk_of: MakeDesk) -> None:
    first = way.author.commit()
    GitRepository(str(way.author.folder), "main", cache_dir=way.cache).fetch()
    desk = desk_of(way)
    eventually(lambda: desk.revision == first and desk.busy)
    assert not way.told
    desk.wish(Wish.PUSH)
    eventually(lambda: len(way.told) == 1)
    assert not desk.answered


def test_a_target_that_cannot_be_begun_keeps_no_push_from_the_others(
    desk: RepositoryDesk, way: Way
) -> None:
    way.bad = "the kubeconfig has no context nowhere"
    way.author.commit()
    way.source.awake.set()
    eventually(lambda: way.bad in way.board.lines.get("shop", ""))
    assert desk.read  # it is known what it asks for
    desk.wish(Wish.PUSH)
    eventually(lambda: len(way.told) == 1)


def test_a_push_during_the_very_first_look_is_told_after_it(desk: RepositoryDesk, way: Way) -> None:
    way.author.commit()
    eventually(lambda: desk.busy)
    desk.wish(Wish.PUSH)
    assert not way.told
    way.source.awake.set()
    eventually(lambda: len(way.told) == 1)


def test_errors_of_documents_are_told_for_as_long_as_they_stand(
    way: Way, desk_of: MakeDesk
) -> None:
    way.source.awake.set()
    for name in ("b", "a"):
        way.author.write(f"{name}.yaml", "kind: Exposure\n")
    way.author.commit()
    desk = desk_of(way)
    eventually(lambda: bool(desk.revision))
    told = way.board.lines["shop documents"]
    assert told.startswith(f"the documents have {desk.errors} errors, first a.yaml:1:1: ")
    assert told in way.board.around("shop")
    assert desk.read  # which is all that it takes to be ready
    for name in ("b", "a"):
        way.author.write(f"{name}.yaml", "")
    good = way.author.commit()
    desk.wish(Wish.SYNC)
    eventually(lambda: desk.revision == good)
    assert way.board.lines == {}

"""What who stands by tells the holder of a lease."""

from __future__ import annotations

from gitopsd.ports import Lease
from tests.unit.daemon.desk import TIMES, Clock, Paper, candidate


def test_a_holder_hears_of_news_at_its_next_renewal_and_the_one_after_takes_them_off() -> None:
    paper, clock = Paper(), Clock()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    ada.step(), ada.step(), bob.step()
    bob.announce("c0ffee")
    bob.step()
    assert ada.step() <= TIMES.renew
    assert ada.news == "c0ffee"
    clock.now += TIMES.renew
    ada.step()
    assert (ada.news, paper.lease and paper.lease.news) == ("", "")
    assert ada.standing.held(clock.now)


def test_news_are_told_once_and_what_was_told_already_is_not() -> None:
    paper, clock = Paper(), Clock()
    ada, bob, eve = (candidate(paper, clock, name) for name in ("ada", "bob", "eve"))
    ada.step(), ada.step(), bob.step(), eve.step()
    before = paper.writes
    for one in (bob, eve):
        one.announce("c0ffee")
        one.step(), one.step()
    assert paper.writes == before + 1
    ada.step(), ada.step()
    before = paper.writes
    bob.step(), eve.step()
    assert paper.writes == before


def test_who_holds_a_lease_or_finds_it_free_tells_nobody() -> None:
    paper, clock = Paper(), Clock()
    ada = candidate(paper, clock, "ada")
    ada.announce("c0ffee")
    ada.step(), ada.step()
    ada.announce("c0ffee")
    ada.step()
    assert paper.lease
    assert paper.lease.news == ""


def test_news_told_while_the_holder_renewed_are_told_again_at_once() -> None:
    paper, clock = Paper(), Clock()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    ada.step(), ada.step(), bob.step()
    bob.announce("c0ffee")
    write = paper.write

    def overtaken(lease: Lease) -> Lease:
        paper.write = write  # type: ignore[method-assign]
        ada.step()
        return write(lease)

    paper.write = overtaken  # type: ignore[method-assign]
    assert bob.step() == 0
    bob.step(), ada.step()
    assert ada.news == "c0ffee"


def test_who_holds_a_lease_hears_of_news_once() -> None:
    paper, clock, heard = Paper(), Clock(), list[str]()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    ada.step(), ada.step(), bob.step()
    bob.announce("a push")
    bob.step()
    ada.hear(heard.append)
    assert (ada.news, heard) == ("", ["a push"])  # it is heard before the lease is looked at
    ada.step()
    assert ada.news == "a push"
    ada.hear(heard.append)
    bob.hear(heard.append)  # and whoever stands by does not care
    assert heard == ["a push"]


def test_who_wins_the_lease_meanwhile_tells_nobody_later() -> None:
    paper, clock = Paper(), Clock()
    ada, bob = candidate(paper, clock, "ada"), candidate(paper, clock, "bob")
    ada.step(), ada.step(), bob.step()
    ada.resign()
    bob.step()
    bob.announce("a push")
    assert bob.step() > 0
    assert bob.mine
    bob.resign()
    ada.step(), ada.step(), bob.step()
    assert ada.mine
    assert paper.lease
    assert paper.lease.news == ""

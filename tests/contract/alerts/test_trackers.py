"""Issues and commit statuses at GitHub, GitLab and Gitea."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from gitopsd.adapters.forges import FORGES
from gitopsd.alerts import Style
from gitopsd.model.message import Message, News
from gitopsd.ports import Sink, Unauthenticated
from tests.contract.alerts.conftest import messages
from tests.contract.forges.conftest import RECEIVERS, STRANGER, TOKEN
from tests.contract.forges.receiving import Account, Fault

Make = Callable[..., Sink]
COMMIT = "a" * 40


class Tracker(NamedTuple):
    """A forge, and a sink that knows nothing of what was done before."""

    receiver: Any
    forge: str
    make: Make

    def sink(self, token: str = TOKEN, kind: str = "issues", **more: Any) -> Sink:
        form = {
            "forge": self.forge,
            "project": "acme/exposures",
            "token": {"file": "token"},
            "url": self.receiver.url,
            **more,
        }
        return self.make({"token": token}, **{kind: form})

    def issues(self) -> list[dict[str, Any]]:
        return sorted(self.receiver.issues.values(), key=issue_number)


def issue_number(issue: dict[str, Any]) -> int:
    return int(issue.get("iid") or issue["number"])


def is_open(issue: dict[str, Any]) -> bool:
    return issue["state"] in ("open", "opened")


@pytest.fixture(params=sorted(RECEIVERS))
def tracker(
    request: pytest.FixtureRequest, sink: Make, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Tracker]:
    for forge in FORGES.values():
        monkeypatch.setattr(forge, "PACE", 0.0)
    with RECEIVERS[request.param]() as receiver:
        receiver.accounts[TOKEN] = Account(41, "gitopsd")
        receiver.accounts[STRANGER] = Account(66, "stranger")
        yield Tracker(receiver, request.param, sink)


def story() -> tuple[Message, Message]:
    opened, done = messages(Style.THREAD)
    return opened, done


def test_an_issue_is_opened_updated_and_closed_by_sinks_that_remember_nothing(
    tracker: Tracker,
) -> None:
    opened, done = story()
    number = tracker.sink(labels=["drift"]).deliver(opened)
    assert [is_open(issue) for issue in tracker.issues()] == [True]
    item = replace(opened.items[0], news=News.UPDATED)
    grown = replace(opened, items=(item,), lines=(*opened.lines, opened.lines[0]))
    assert tracker.sink().deliver(grown) == number
    comments = len([w for w in tracker.receiver.writes() if w.endswith(("comments", "notes"))])
    assert comments == 0  # an edit in place tells nobody
    assert tracker.sink().deliver(done) == number
    assert [is_open(issue) for issue in tracker.issues()] == [False]
    comments = len([w for w in tracker.receiver.writes() if w.endswith(("comments", "notes"))])
    assert comments == 1


def test_what_was_delivered_is_not_written_again(tracker: Tracker) -> None:
    opened, done = story()
    tracker.sink().deliver(opened)
    before = tracker.receiver.writes()
    tracker.sink().deliver(opened)
    assert tracker.receiver.writes() == before
    tracker.sink().deliver(done)
    before = tracker.receiver.writes()
    tracker.sink().deliver(done)
    assert tracker.receiver.writes() == before


def test_what_is_back_reopens_its_issue(tracker: Tracker) -> None:
    opened, done = story()
    for message in (opened, done):
        tracker.sink().deliver(message)
    back = replace(opened, items=(replace(opened.items[0], news=News.REOPENED),))
    tracker.sink().deliver(back)
    assert [is_open(issue) for issue in tracker.issues()] == [True]


def test_an_issue_whose_answer_was_lost_is_not_opened_twice(tracker: Tracker) -> None:
    opened, _ = story()
    tracker.sink().deliver(replace(opened, conversation="another"))
    place = [asked.method for asked in tracker.receiver.asked].index("POST")
    tracker.receiver.faults.extend([None] * place + [Fault(after=True)])
    tracker.sink().deliver(opened)
    assert not tracker.receiver.faults
    assert len(tracker.issues()) == 2


def test_a_copy_that_a_stranger_made_is_left_alone(tracker: Tracker) -> None:
    opened, _ = story()
    tracker.sink(STRANGER).deliver(opened)
    tracker.sink().deliver(opened)
    assert len(tracker.issues()) == 2


def test_a_refused_token_is_not_told(tracker: Tracker) -> None:
    opened, _ = story()
    with pytest.raises(Unauthenticated) as caught:
        tracker.sink("wrong-token-0123").deliver(opened)
    assert "wrong-token-0123" not in str(caught.value)


def test_a_commit_says_how_the_target_stands(tracker: Tracker) -> None:
    tracker.receiver.pull("change", COMMIT)
    states = messages(Style.STATE)
    assert states[-1].ended
    for message in (states[0], states[0], states[-1]):
        way = tracker.sink(kind="commitStatus")
        way.deliver(replace(message, revision=COMMIT))
    found = [status.get("state") for status in tracker.receiver.statuses]
    assert found[-1] == "success"
    assert found[0] in ("failure", "failed")


def test_a_folder_without_commits_has_no_status(tracker: Tracker) -> None:
    tracker.sink(kind="commitStatus").deliver(replace(messages(Style.STATE)[0], revision="none"))
    assert tracker.receiver.asked == []

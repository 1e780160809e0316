"""What holds at every forge."""

from __future__ import annotations

import pytest

from gitopsd.ports import (
    CommitStatus,
    Marker,
    Misconfigured,
    Missing,
    OutcomeUnknown,
    Rejected,
    StatusState,
    Subject,
    SubjectKind,
    Throttled,
    Unauthenticated,
    Unreachable,
)
from tests.contract.forges.conftest import STRANGER, TOKEN, Meeting
from tests.contract.forges.receiving import Account, Fault

PLAN = Marker("plan/acme")
COMMIT = "a" * 40


def pull(meeting: Meeting, commit: str = COMMIT) -> Subject:
    return Subject(SubjectKind.PULL_REQUEST, meeting.receiver.pull("change", commit))


def test_a_comment_is_made_once_and_edited_in_place_by_a_client_that_knows_nothing(
    meeting: Meeting,
) -> None:
    subject = pull(meeting)
    first = meeting.client().put_comment(subject, PLAN, "one")
    again = meeting.client().put_comment(subject, PLAN, "two\n\n| a | b |")
    assert (again.id, again.body) == (first.id, "two\n\n| a | b |")
    assert meeting.receiver.bodies(subject.number) == [PLAN.before("two\n\n| a | b |")]


def test_a_comment_that_says_the_same_is_not_written_again(meeting: Meeting) -> None:
    subject = pull(meeting)
    meeting.client().put_comment(subject, PLAN, "one")
    before = meeting.receiver.writes()
    meeting.client().put_comment(subject, PLAN, "one")
    assert meeting.receiver.writes() == before


def test_a_comment_is_found_on_a_later_page(meeting: Meeting) -> None:
    subject = pull(meeting)
    for number in range(130):
        meeting.receiver.say(subject.number, STRANGER, f"chatter {number}")
    meeting.client().put_comment(subject, PLAN, "one")
    meeting.client().put_comment(subject, PLAN, "two")
    assert meeting.receiver.bodies(subject.number)[130:] == [PLAN.before("two")]


def test_a_strangers_copy_of_the_marker_is_not_taken_for_ours(meeting: Meeting) -> None:
    subject = pull(meeting)
    meeting.receiver.say(subject.number, STRANGER, PLAN.before("approve me"))
    meeting.client().put_comment(subject, PLAN, "one")
    assert meeting.receiver.bodies(subject.number) == [
        PLAN.before("approve me"),
        PLAN.before("one"),
    ]


def test_two_that_were_made_at_the_same_moment_become_one(meeting: Meeting) -> None:
    subject = pull(meeting)
    meeting.receiver.say(subject.number, TOKEN, PLAN.before("theirs"))
    meeting.receiver.say(subject.number, TOKEN, PLAN.before("ours"))
    meeting.receiver.say(subject.number, TOKEN, Marker("plan/other").before("another fleet's"))
    meeting.client().put_comment(subject, PLAN, "ours")
    assert meeting.receiver.bodies(subject.number) == [
        PLAN.before("ours"),
        Marker("plan/other").before("another fleet's"),
    ]


def test_a_comment_whose_answer_was_lost_is_not_made_twice(meeting: Meeting) -> None:
    subject = pull(meeting)
    client = meeting.client()
    client.put_comment(Subject(subject.kind, subject.number), Marker("warm/up"), "x")
    lists = 1  # the look for one that stands already
    meeting.receiver.faults.extend([Fault(after=False, status=200, body=b"[]")] * lists)
    meeting.receiver.faults.append(Fault(after=True))
    client.put_comment(subject, PLAN, "one")
    bodies = [b for b in meeting.receiver.bodies(subject.number) if b.startswith(PLAN.line)]
    assert bodies == [PLAN.before("one")]


def test_an_issue_lives_from_open_to_closed_to_open_again(meeting: Meeting) -> None:
    client, drift = meeting.client(), Marker("drift/hangzhou/0a1b")
    opened = client.open_issue(drift, "tea has drifted", "weights\n", labels=["drift", "bug"])
    assert opened.open
    closed = client.change_issue(opened, body="it is as Git says again", open=False)
    assert (closed.open, closed.body) == (False, "it is as Git says again")
    again = client.change_issue(closed, title="tea has drifted again", open=True)
    assert (again.open, again.title) == (True, "tea has drifted again")
    stored = meeting.receiver.issues[opened.number]
    labels = [x if isinstance(x, str) else x["name"] for x in stored["labels"]]
    assert labels == ["drift", "bug"]


def test_issues_are_found_again_after_a_restart_the_newest_first(meeting: Meeting) -> None:
    client = meeting.client()
    made = [client.open_issue(Marker(f"drift/{n}"), f"drift {n}", "body") for n in range(103)]
    client.change_issue(made[0], open=False)
    meeting.client(STRANGER).open_issue(Marker("drift/1"), "not ours", "body")
    found = meeting.client().issues()
    assert [issue.marker.name for issue in found] == [f"drift/{n}" for n in reversed(range(103))]
    assert [issue.open for issue in found] == [True] * 102 + [False]
    assert found[0].body == "body"


def test_an_issue_is_commented_on(meeting: Meeting) -> None:
    client = meeting.client()
    issue = client.open_issue(Marker("drift/1"), "drift", "body")
    comment = client.add_comment(Subject(SubjectKind.ISSUE, issue.number), "still so")
    assert comment.body == "still so"
    assert comment.url.startswith("https://forge.example/")


def test_a_commits_status_is_said_and_may_be_said_again(meeting: Meeting) -> None:
    pull(meeting)
    client = meeting.client()
    status = CommitStatus(
        "gitopsd/plan", StatusState.FAILURE, "1 step is held", "https://x.example"
    )
    client.set_status(COMMIT, status)
    client.set_status(COMMIT, status)
    said = meeting.receiver.statuses[-1]
    assert said["sha"] == COMMIT
    assert said["state"] in ("failure", "failed")
    assert said["description"] == "1 step is held"


def test_a_pull_request_is_opened_once_from_a_pushed_branch(meeting: Meeting) -> None:
    meeting.receiver.branches["accept-weights"] = COMMIT
    client = meeting.client()
    assert client.pull_request("accept-weights", "main") is None
    opened = client.open_pull_request("accept-weights", "main", "Keep weights", "why\n/close")
    assert opened.commit == COMMIT
    assert meeting.client().open_pull_request("accept-weights", "main", "x", "y") == opened
    assert getattr(meeting.receiver, "commands", []) == []


def test_a_branch_that_was_never_pushed_is_refused_with_the_forges_words(meeting: Meeting) -> None:
    with pytest.raises(Rejected):
        meeting.client().open_pull_request("nowhere", "main", "x", "y")


def test_a_text_of_others_that_begins_a_line_is_no_command(meeting: Meeting) -> None:
    subject = pull(meeting)
    meeting.client().put_comment(subject, PLAN, "held:\n/close\n/Merge\n  /assign @root")
    assert getattr(meeting.receiver, "commands", []) == []


def test_a_text_beyond_the_limit_is_refused_and_within_it_taken(meeting: Meeting) -> None:
    subject, client = pull(meeting), meeting.client()
    room = min(client.limits.body, 1_000_000) - len(PLAN.before(""))
    client.put_comment(subject, PLAN, "x" * room)
    if meeting.kind != "gitea":  # states no limit
        with pytest.raises(Rejected):
            client.put_comment(subject, PLAN, "x" * (room + 1))


def test_a_wrong_token_is_told_without_the_token(meeting: Meeting) -> None:
    with pytest.raises(Unauthenticated) as caught:
        meeting.client("wrong-t0ken").issues()
    assert "wrong-t0ken" not in repr(caught.value) + str(caught.value)
    assert "acme/exposures" in str(caught.value)


def test_a_forge_that_quotes_the_token_does_not_bring_it_into_errors(meeting: Meeting) -> None:
    meeting.receiver.faults.append(Fault(400, body=b'{"message": "bad s3cr3t-token"}'))
    with pytest.raises(Rejected) as caught:
        meeting.client().issues()
    assert "s3cr3t" not in str(caught.value)


def test_a_pull_request_that_is_not_there_is_missing(meeting: Meeting) -> None:
    with pytest.raises(Missing):
        meeting.client().put_comment(Subject(SubjectKind.PULL_REQUEST, 99), PLAN, "x")


def test_a_short_limit_is_waited_for_and_a_long_one_is_told(meeting: Meeting) -> None:
    subject, client = pull(meeting), meeting.client()
    meeting.receiver.faults.append(Fault(429, {"Retry-After": "0"}))
    client.put_comment(subject, PLAN, "one")
    meeting.receiver.faults.append(Fault(429, {"Retry-After": "900"}))
    with pytest.raises(Throttled) as caught:
        client.put_comment(subject, PLAN, "two")
    assert caught.value.after == 900


def test_a_list_in_another_form_is_told(meeting: Meeting) -> None:
    subject, client = pull(meeting), meeting.client()
    meeting.receiver.faults.append(Fault(200, body=b"<html>Welcome</html>"))
    with pytest.raises(Misconfigured):
        client.put_comment(subject, PLAN, "one")


def test_a_write_without_an_answer_is_unknown_and_a_read_is_tried_again(meeting: Meeting) -> None:
    client = meeting.client()
    meeting.receiver.faults.append(Fault(after=True))
    with pytest.raises(OutcomeUnknown):
        client.open_issue(Marker("drift/1"), "drift", "body")
    meeting.receiver.faults.append(Fault(502))
    assert len(client.issues()) == 1


def test_a_forge_that_is_gone_is_unreachable(meeting: Meeting) -> None:
    client = meeting.client()
    meeting.receiver.server_close()
    with pytest.raises((Unreachable, OutcomeUnknown)):
        client.set_status(COMMIT, CommitStatus("gitopsd/plan", StatusState.SUCCESS, "all well"))


@pytest.mark.parametrize("name", ["exposures", "../x", "acme/..", "acme/ex posures", "a/b?c", ""])
def test_a_repository_that_would_lead_elsewhere_is_refused(meeting: Meeting, name: str) -> None:
    from gitopsd.config import ForgeSettings
    from gitopsd.wiring.services import open_forge

    meeting.client()
    file = meeting.folder / f"token-{TOKEN}"
    with pytest.raises(Misconfigured):
        open_forge(ForgeSettings(meeting.kind, name, file, url=meeting.receiver.url))  # type: ignore[arg-type]


@pytest.mark.parametrize("meeting", ["github"], indirect=True)
def test_an_apps_token_edits_its_comment_although_it_cannot_ask_whose_it_is(
    meeting: Meeting,
) -> None:
    subject = pull(meeting)
    meeting.receiver.accounts[TOKEN] = Account(41, "github-actions[bot]", app=True)
    meeting.receiver.say(subject.number, STRANGER, PLAN.before("approve me"))
    meeting.client().put_comment(subject, PLAN, "one")
    meeting.client().put_comment(subject, PLAN, "two")
    assert meeting.receiver.bodies(subject.number)[1:] == [PLAN.before("two")]


@pytest.mark.parametrize("meeting", ["github"], indirect=True)
@pytest.mark.parametrize("viewers", [True, False])
@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_an_app_leaves_what_another_app_wrote_alone(
    meeting: Meeting, viewers: bool, prefix: str
) -> None:
    """Here and at a server; where GraphQL does not tell its name, by the author of its comment."""
    subject, receiver = pull(meeting), meeting.receiver
    receiver.viewers, receiver.prefix = viewers, prefix
    receiver.accounts[TOKEN] = Account(41, "github-actions[bot]", app=True)
    receiver.accounts["renovate"] = Account(42, "renovate[bot]", app=True)
    receiver.say(subject.number, "renovate", PLAN.before("ours?"))
    first = meeting.client().put_comment(subject, PLAN, "one")
    again = meeting.client().put_comment(subject, PLAN, "two")
    assert again.id == first.id
    assert receiver.bodies(subject.number) == [PLAN.before("ours?"), PLAN.before("two")]
    made = f"POST /repos/acme/exposures/issues/{subject.number}/comments"
    assert receiver.writes().count(made) == (1 if viewers else 2)


@pytest.mark.parametrize("meeting", ["github"], indirect=True)
def test_an_app_lists_its_own_issues_only(meeting: Meeting) -> None:
    """Of a repository with more issues than are worth reading at each message."""
    meeting.receiver.accounts[TOKEN] = Account(41, "github-actions[bot]", app=True)
    for number in range(120):
        meeting.client(STRANGER).open_issue(Marker(f"of/{number}"), "theirs", "text")
    meeting.client().open_issue(PLAN, "ours", "text")
    meeting.receiver.asked.clear()
    assert [issue.title for issue in meeting.client().issues()] == ["ours"]
    assert sum(asked.path.endswith("/issues") for asked in meeting.receiver.asked) == 1

"""GitLab, gitlab.com or self-managed, 15 or newer.

Sources (docs.gitlab.com, REST API): "Authentication" (`PRIVATE-TOKEN` for personal, group and
project access tokens; a job's own token may not write notes), "Issues API", "Notes API" (a note has
at most 1,000,000 characters), "Merge requests API", "Commits API: set commit pipeline status". A
title has at most 255 characters ("Issuable-like Rails models"), as a status' description in its
column. A line that begins with a slash is a command ("GitLab quick actions"), done with our rights.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import quote

from gitopsd.adapters.forges.rest import (
    Conversation,
    Query,
    Rest,
    Written,
    checked_commit,
    unmarked,
)
from gitopsd.adapters.web import Web
from gitopsd.ports import (
    Busy,
    CommitStatus,
    Issue,
    Limits,
    Marker,
    PullRequest,
    Rejected,
    StatusState,
    Subject,
    SubjectKind,
)
from gitopsd.ports.forges import checked_repository

_PLACES = {SubjectKind.ISSUE: "issues", SubjectKind.PULL_REQUEST: "merge_requests"}
_STATES = {
    StatusState.PENDING: "pending",
    StatusState.SUCCESS: "success",
    StatusState.FAILURE: "failed",
}
_COMMAND = re.compile(r"^(\s*)/(?=[a-z])", re.MULTILINE | re.IGNORECASE)


class GitLab(Conversation):
    """A project at GitLab."""

    NAME: ClassVar = "GitLab"
    DEFAULT_URL: ClassVar = "https://gitlab.com/api/v4"
    PACE: ClassVar = 0.0
    limits: ClassVar = Limits(title=255, body=1_000_000, status=255)
    _PAGE: ClassVar[Query] = (("per_page", "100"),)

    def __init__(self, web: Web, repository: str) -> None:
        self._web = web
        self._rest = Rest(web)
        name = checked_repository(web.about, repository)
        self._base = f"/projects/{quote(name, safe='')}"

    @staticmethod
    def headers(token: str) -> dict[str, str]:
        """The headers that every request carries."""
        return {"Accept": "application/json", "PRIVATE-TOKEN": token}

    def issues(self) -> Sequence[Issue]:
        """As in `ports.Forge`."""
        query = [*self._PAGE, ("state", "all"), ("scope", "all"), ("author_id", str(self._account))]
        found = []
        for item in self._rest.items(f"{self._base}/issues", "list issues", query):
            marker = Marker.of(item.get("description") or "")
            if marker and item["author"]["id"] == self._account:
                found.append(_issue(item, marker))
        return sorted(found, key=lambda issue: -issue.number)

    def open_issue(
        self, marker: Marker, title: str, body: str, labels: Sequence[str] = ()
    ) -> Issue:
        """As in `ports.Forge`."""
        content = {"title": title, "description": marker.before(_harmless(body))}
        if labels:
            content["labels"] = ",".join(labels)
        made = self._rest.write("POST", f"{self._base}/issues", "open an issue", content)
        return _issue(made, marker)

    def change_issue(
        self, issue: Issue, *, title: str | None = None, body: str | None = None,
        open: bool | None = None,
    ) -> Issue:  # fmt: skip
        """As in `ports.Forge`."""
        content: dict[str, str] = {}
        if title is not None:
            content["title"] = title
        if body is not None:
            content["description"] = issue.marker.before(_harmless(body))
        if open is not None:
            content["state_event"] = "reopen" if open else "close"
        path = f"{self._base}/issues/{issue.number}"
        return _issue(self._rest.write("PUT", path, "change an issue", content), issue.marker)

    def set_status(self, commit: str, status: CommitStatus) -> None:
        """As in `ports.Forge`."""
        content = {
            "state": _STATES[status.state],
            "name": status.context,
            "description": status.description,
        }
        if status.url:
            content["target_url"] = status.url
        path = f"{self._base}/statuses/{checked_commit(self._web.about, commit)}"
        try:
            self._rest.write("POST", path, "set a commit's status", content)
        except (Rejected, Busy) as error:
            # It stands so already: GitLab refuses to move a status to where it is.
            if "Cannot transition status" not in error.detail:
                raise

    def pull_request(self, branch: str, base: str) -> PullRequest | None:
        """As in `ports.Forge`."""
        query = (("state", "opened"), ("source_branch", branch), ("target_branch", base))
        found = self._rest.get(f"{self._base}/merge_requests", "look for a merge request", query)
        own = [item for item in found if item["source_project_id"] == item["target_project_id"]]
        return _merge_request(own[0]) if own else None

    def _create_pull_request(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        content = {
            "source_branch": branch,
            "target_branch": base,
            "title": title,
            "description": _harmless(body),
        }
        path = f"{self._base}/merge_requests"
        return _merge_request(self._rest.write("POST", path, "open a merge request", content))

    def _comments(self, subject: Subject) -> Iterator[Written]:
        query = (*self._PAGE, ("order_by", "created_at"), ("sort", "asc"))
        for item in self._rest.items(self._notes(subject), "list comments", query):
            yield self._written(subject, item)

    def _write_comment(self, subject: Subject, body: str, id_: int | None = None) -> Written:
        content = {"body": _harmless(body)}
        path = self._notes(subject)
        if id_ is None:
            made = self._rest.write("POST", path, "write a comment", content)
        else:
            made = self._rest.write("PUT", f"{path}/{id_}", "edit a comment", content)
        return self._written(subject, made)

    def _delete_comment(self, subject: Subject, id_: int) -> None:
        self._rest.delete(f"{self._notes(subject)}/{id_}", "delete a comment")

    def _notes(self, subject: Subject) -> str:
        return f"{self._base}/{_PLACES[subject.kind]}/{subject.number}/notes"

    def _written(self, subject: Subject, item: Mapping[str, Any]) -> Written:
        mine = item["author"]["id"] == self._account and not item.get("system")
        url = f"{self._page}/-/{_PLACES[subject.kind]}/{subject.number}#note_{item['id']}"
        return Written(item["id"], item["body"], url, mine)

    @cached_property
    def _account(self) -> int:
        """The id of the account of our token."""
        return int(self._rest.get("/user", "ask for our account")["id"])

    @cached_property
    def _page(self) -> str:
        """The project's page."""
        return str(self._rest.get(self._base, "look for the project")["web_url"])


def _harmless(body: str) -> str:
    """The body without commands: a text of others that begins a line must not act in our name."""
    return _COMMAND.sub(r"\1\\/", body)


def _merge_request(item: Mapping[str, Any]) -> PullRequest:
    return PullRequest(item["iid"], item["sha"], item["web_url"])


def _issue(item: Mapping[str, Any], marker: Marker) -> Issue:
    return Issue(
        item["iid"],
        marker,
        item["title"],
        unmarked(item.get("description") or ""),
        item["state"] == "opened",
        item["web_url"],
    )

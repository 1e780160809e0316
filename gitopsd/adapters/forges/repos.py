"""What GitHub and Gitea have in common: Gitea's API follows GitHub's in paths and names.

Sources: "REST API endpoints for issues", "… for issue comments", "… for commit statuses" and "… for
pull requests" (docs.github.com); Gitea's `/api/swagger` (`issueListIssues`, `issueCreateIssue`,
`issueEditIssue`, `issueGetComments`, `issueEditComment`, `repoCreateStatus`,
`repoCreatePullRequest`).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from gitopsd.adapters.forges.rest import (
    Conversation,
    Query,
    Rest,
    Written,
    checked_commit,
    unmarked,
)
from gitopsd.adapters.web import Web
from gitopsd.ports import CommitStatus, Issue, Limits, Marker, PullRequest, Subject
from gitopsd.ports.forges import checked_repository


class Repos(Conversation):
    """A repository below `/repos/OWNER/NAME`."""

    limits: ClassVar[Limits]
    #: The query that asks for pages as large as the service gives.
    _PAGE: ClassVar[Query]

    def __init__(self, web: Web, repository: str) -> None:
        name = checked_repository(web.about, repository)
        self._web = web
        self._rest = Rest(web)
        self._owner = name.split("/")[0]
        self._base = f"/repos/{name}"

    @abstractmethod
    def _mine(self, author: Mapping[str, Any]) -> bool:
        """Whether it is the account of our token."""

    @abstractmethod
    def _own_issues(self) -> Query:
        """The query that narrows a list of issues to our account's, as far as that can be asked."""

    @abstractmethod
    def _labels(self, names: Sequence[str]) -> Sequence[str | int]:
        """Labels as a new issue takes them."""

    def _wrote(self, author: Mapping[str, Any]) -> None:
        """Hear who has written what we wrote."""

    def issues(self) -> Sequence[Issue]:
        """As in `ports.Forge`."""
        query = [*self._PAGE, ("state", "all"), *self._own_issues()]
        found = []
        for item in self._rest.items(f"{self._base}/issues", "list issues", query):
            marker = Marker.of(item.get("body") or "")
            if marker and not item.get("pull_request") and self._mine(item.get("user") or {}):
                found.append(_issue(item, marker))
        return sorted(found, key=lambda issue: -issue.number)

    def open_issue(
        self, marker: Marker, title: str, body: str, labels: Sequence[str] = ()
    ) -> Issue:
        """As in `ports.Forge`."""
        content: dict[str, Any] = {"title": title, "body": marker.before(body)}
        if labels:
            content["labels"] = list(self._labels(labels))
        made = self._rest.write("POST", f"{self._base}/issues", "open an issue", content)
        return _issue(made, marker)

    def change_issue(
        self, issue: Issue, *, title: str | None = None, body: str | None = None,
        open: bool | None = None,
    ) -> Issue:  # fmt: skip
        """As in `ports.Forge`."""
        content: dict[str, Any] = {}
        if title is not None:
            content["title"] = title
        if body is not None:
            content["body"] = issue.marker.before(body)
        if open is not None:
            content["state"] = "open" if open else "closed"
        path = f"{self._base}/issues/{issue.number}"
        return _issue(self._rest.write("PATCH", path, "change an issue", content), issue.marker)

    def set_status(self, commit: str, status: CommitStatus) -> None:
        """As in `ports.Forge`."""
        content = {
            "state": str(status.state),
            "context": status.context,
            "description": status.description,
        }
        if status.url:
            content["target_url"] = status.url
        path = f"{self._base}/statuses/{checked_commit(self._web.about, commit)}"
        self._rest.write("POST", path, "set a commit's status", content)

    def _comments(self, subject: Subject) -> Iterator[Written]:
        path = f"{self._base}/issues/{subject.number}/comments"
        for item in self._rest.items(path, "list comments", self._PAGE):
            yield self._written(item)

    def _write_comment(self, subject: Subject, body: str, id_: int | None = None) -> Written:
        content = {"body": body}
        if id_ is None:
            path = f"{self._base}/issues/{subject.number}/comments"
            made = self._rest.write("POST", path, "write a comment", content)
            self._wrote(made.get("user") or {})
            return self._written(made)
        path = f"{self._base}/issues/comments/{id_}"
        return self._written(self._rest.write("PATCH", path, "edit a comment", content))

    def _delete_comment(self, subject: Subject, id_: int) -> None:  # noqa: ARG002
        self._rest.delete(f"{self._base}/issues/comments/{id_}", "delete a comment")

    def _written(self, item: Mapping[str, Any]) -> Written:
        author = item.get("user") or {}
        return Written(item["id"], item.get("body") or "", item["html_url"], self._mine(author))

    def _create_pull_request(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        content = {"title": title, "head": branch, "base": base, "body": body}
        path = f"{self._base}/pulls"
        return pull_request(self._rest.write("POST", path, "open a pull request", content))


def pull_request(item: Mapping[str, Any]) -> PullRequest:
    """A pull request out of an answer."""
    return PullRequest(item["number"], item["head"]["sha"], item["html_url"])


def _issue(item: Mapping[str, Any], marker: Marker) -> Issue:
    return Issue(
        item["number"],
        marker,
        item["title"],
        unmarked(item.get("body") or "").replace("\r\n", "\n"),
        item["state"] == "open",
        item["html_url"],
    )

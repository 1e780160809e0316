"""GitHub and Gitea, whose paths are alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.contract.forges.receiving import Account, Asked, Receiver, Refused, Reply, Route


class ReposReceiver(Receiver):
    """Issues, comments, statuses and pull requests below /repos/OWNER/NAME."""

    def __init__(self) -> None:
        super().__init__()
        self.issues: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, dict[str, Any]] = {}
        self.statuses: list[dict[str, Any]] = []
        self.branches: dict[str, str] = {"main": "0" * 40}
        self._number = 0
        self.viewers = True

    def routes(self) -> list[Route]:
        base = f"/repos/{self.repository}"
        return [
            ("GET", "/user", self._user),
            ("POST", "/graphql", self._viewer),
            ("GET", f"{base}/issues", self._list_issues),
            ("POST", f"{base}/issues", self._open_issue),
            ("PATCH", rf"{base}/issues/(\d+)", self._change_issue),
            ("GET", rf"{base}/issues/(\d+)/comments", self._list_comments),
            ("POST", rf"{base}/issues/(\d+)/comments", self._comment),
            ("PATCH", rf"{base}/issues/comments/(\d+)", self._edit_comment),
            ("DELETE", rf"{base}/issues/comments/(\d+)", self._delete_comment),
            ("POST", rf"{base}/statuses/([0-9a-f]{{40}})", self._status),
            ("GET", f"{base}/pulls", self._list_pulls),
            ("POST", f"{base}/pulls", self._open_pull),
        ]

    # What the services differ in.

    def invalid(self, field: str, message: str) -> Refused:
        raise AssertionError

    def check(self, content: Any, **limits: int) -> None:
        """Refuse texts that are missing or too long."""
        for field, most in limits.items():
            text = content.get(field)
            if not isinstance(text, str) or (field == "title" and not text):
                raise self.invalid(field, "is missing or no text")
            if len(text) > most:
                raise self.invalid(field, f"{field} is too long (maximum is {most} characters)")

    def user(self, who: Account) -> dict[str, Any]:
        return {"id": who.id, "login": who.login}

    # What a test says and sees.

    def pull(self, branch: str, commit: str, *, by: str = "", base: str = "main") -> int:
        """Open a pull request from a branch; answers its number."""
        self.branches[branch] = commit
        who = self.accounts[by] if by else Account(7, "dev")
        made = self._add(who, f"Merge {branch}", "")
        made["pull_request"] = {"head": branch, "base": base}
        return int(made["number"])

    def say(self, number: int, token: str, body: str) -> int:
        """Somebody comments; answers the comment's id."""
        id_ = self.new_id()
        self.comments[id_] = {
            "id": id_, "issue": number, "body": body, "user": self.user(self.accounts[token]),
            "html_url": f"https://forge.example/{self.repository}/pull/{number}#c{id_}",
        }  # fmt: skip
        return id_

    def bodies(self, number: int) -> list[str]:
        """The comments on an issue or pull request, the oldest first."""
        return [c["body"] for _, c in sorted(self.comments.items()) if c["issue"] == number]

    # The API.

    def _user(self, who: Account, asked: Asked) -> Reply:
        if who.app:
            raise Refused(403, {"message": "Resource not accessible by integration"})
        return Reply(200, self.user(who))

    def _viewer(self, who: Account, asked: Asked) -> Reply:
        """GraphQL, which tells apps who they are where `viewers` says so."""
        if not self.viewers or asked.content != {"query": "query { viewer { login } }"}:
            return Reply(200, {"data": None, "errors": [{"message": "Something went wrong"}]})
        return Reply(200, {"data": {"viewer": {"login": who.login}}})

    def _add(self, who: Account, title: str, body: str) -> dict[str, Any]:
        self._number += 1
        made = {
            "number": self._number, "id": self.new_id(), "title": title, "body": body,
            "state": "open", "user": self.user(who), "labels": [],
            "html_url": f"https://forge.example/{self.repository}/issues/{self._number}",
        }  # fmt: skip
        self.issues[self._number] = made
        return made

    def _chosen(self, asked: Asked, author: str) -> list[dict[str, Any]]:
        state, creator = asked.query.get("state", "open"), asked.query.get(author)
        return [
            item
            for _, item in sorted(self.issues.items(), reverse=True)
            if state in ("all", item["state"]) and creator in (None, item["user"]["login"])
        ]

    def _list_issues(self, who: Account, asked: Asked) -> Reply:
        raise AssertionError

    def _list_comments(self, who: Account, asked: Asked, number: str) -> Reply:
        raise AssertionError

    def labels(self, who: Account, content: Mapping[str, Any]) -> list[dict[str, Any]]:
        raise AssertionError

    def _open_issue(self, who: Account, asked: Asked) -> Reply:
        self.check(asked.content, title=self.TITLE, body=self.BODY)
        made = self._add(who, asked.content["title"], asked.content["body"])
        made["labels"] = self.labels(who, asked.content)
        return Reply(201, made)

    def _issue(self, number: str) -> dict[str, Any]:
        if int(number) not in self.issues:
            raise Refused(404, {"message": "Not Found"})
        return self.issues[int(number)]

    def _change_issue(self, who: Account, asked: Asked, number: str) -> Reply:
        issue, content = self._issue(number), asked.content
        if not who.push:
            raise Refused(403, {"message": "Must have write access"})
        given = {name: content[name] for name in ("title", "body", "state") if name in content}
        limits = {"title": self.TITLE, "body": self.BODY}
        self.check(given, **{name: limits[name] for name in limits if name in given})
        if given.get("state", "open") not in ("open", "closed"):
            raise self.invalid("state", "is not included in the list")
        issue.update(given)
        return Reply(self.EDITED, issue)

    def _comment(self, who: Account, asked: Asked, number: str) -> Reply:
        self._issue(number)
        self.check(asked.content, body=self.BODY)
        id_ = self.say(int(number), self._token(who), asked.content["body"])
        return Reply(201, self.comments[id_])

    def _token(self, who: Account) -> str:
        return next(token for token, account in self.accounts.items() if account == who)

    def _own(self, who: Account, id_: str) -> dict[str, Any]:
        comment = self.comments.get(int(id_))
        if comment is None:
            raise Refused(404, {"message": "Not Found"})
        if comment["user"]["id"] != who.id and not who.push:
            raise Refused(403, {"message": "Must have write access"})
        return comment

    def _edit_comment(self, who: Account, asked: Asked, id_: str) -> Reply:
        comment = self._own(who, id_)
        self.check(asked.content, body=self.BODY)
        comment["body"] = asked.content["body"]
        return Reply(200, comment)

    def _delete_comment(self, who: Account, asked: Asked, id_: str) -> Reply:
        del self.comments[self._own(who, id_)["id"]]
        return Reply(204)

    def _status(self, who: Account, asked: Asked, commit: str) -> Reply:
        content = asked.content
        if commit not in self.branches.values():
            raise self.invalid("sha", f"No commit found for SHA: {commit}")
        if content.get("state") not in ("pending", "success", "failure", "error"):
            raise self.invalid("state", "is not included in the list")
        self.check(content, description=self.STATUS, context=255)
        self.statuses.append({"sha": commit, **content})
        return Reply(201, {"id": self.new_id(), **content})

    def as_pull(self, item: dict[str, Any]) -> dict[str, Any]:
        asked = item["pull_request"]
        ends = {
            end: {"ref": asked[end], "sha": self.branches[asked[end]], "repo_id": 1}
            for end in ("head", "base")
        }
        return {**item, **ends}

    def _pulls(self, state: str = "open") -> list[dict[str, Any]]:
        found = [item for item in self.issues.values() if item.get("pull_request")]
        return [self.as_pull(item) for item in found if state in ("all", item["state"])]

    def _list_pulls(self, who: Account, asked: Asked) -> Reply:
        raise AssertionError

    def _open_pull(self, who: Account, asked: Asked) -> Reply:
        content = asked.content
        self.check(content, title=self.TITLE, body=self.BODY, head=255, base=255)
        head, base = content["head"], content["base"]
        if head not in self.branches or base not in self.branches:
            raise self.invalid("head", "invalid")
        for item in self._pulls():
            if (item["head"]["ref"], item["base"]["ref"]) == (head, base):
                raise self.twice(head)
        made = self._add(who, content["title"], content["body"])
        made["pull_request"] = {"head": head, "base": base}
        return Reply(201, self.as_pull(made))

    def twice(self, head: str) -> Refused:
        raise AssertionError

    TITLE = BODY = STATUS = EDITED = 0


class GitHubReceiver(ReposReceiver):
    """api.github.com, as docs.github.com describes it; with a `prefix` of /api/v3 a server."""

    TITLE, BODY, STATUS, EDITED = 256, 65_536, 140, 200

    def local(self, path: str) -> str | None:
        """GraphQL is beside the REST API of a server, not below it."""
        if path.endswith("/graphql"):
            return "/graphql" if path == f"{self.prefix.removesuffix('/v3')}/graphql" else None
        return super().local(path)

    def account(self, headers: Mapping[str, str]) -> Account:
        if not headers.get("user-agent"):
            raise Refused(403, {"message": "Request forbidden by administrative rules."})
        match = re.fullmatch(r"(?i:bearer|token) (\S+)", headers.get("authorization", ""))
        if not match or match[1] not in self.accounts:
            raise Refused(401, {"message": "Bad credentials"})
        if headers.get("x-github-api-version", "2022-11-28") != "2022-11-28":
            raise Refused(400, {"message": "The API version is not supported"})
        return self.accounts[match[1]]

    def invalid(self, field: str, message: str) -> Refused:
        error = {"resource": "Issue", "code": "custom", "field": field, "message": message}
        return Refused(422, {"message": "Validation Failed", "errors": [error]})

    def user(self, who: Account) -> dict[str, Any]:
        return {**super().user(who), "type": "Bot" if who.app else "User"}

    def link(self, path: str, query: str) -> str:
        return f"{self.url}{path.replace(f'/repos/{self.repository}', '/repositories/1')}?{query}"

    def labels(self, who: Account, content: Mapping[str, Any]) -> list[dict[str, Any]]:
        names = content.get("labels", [])
        if not all(isinstance(name, str) for name in names):
            raise self.invalid("labels", "is invalid")
        return [{"name": name} for name in names] if who.push else []

    def _list_issues(self, who: Account, asked: Asked) -> Reply:
        return self.paged(asked, self._chosen(asked, "creator"), "per_page", 30, 100)

    def _list_comments(self, who: Account, asked: Asked, number: str) -> Reply:
        self._issue(number)
        found = [c for _, c in sorted(self.comments.items()) if c["issue"] == int(number)]
        return self.paged(asked, found, "per_page", 30, 100)

    def _list_pulls(self, who: Account, asked: Asked) -> Reply:
        owner = self.repository.split("/", maxsplit=1)[0]
        head, base = asked.query.get("head", ""), asked.query.get("base")
        found = [
            item
            for item in self._pulls(asked.query.get("state", "open"))
            # A head without its owner is not looked at.
            if (":" not in head or head == f"{owner}:{item['head']['ref']}")
            and base in (None, item["base"]["ref"])
        ]
        return self.paged(asked, found, "per_page", 30, 100)

    def twice(self, head: str) -> Refused:
        return self.invalid("head", f"A pull request already exists for acme:{head}.")


class GiteaReceiver(ReposReceiver):
    """Gitea 1.2x below a path of its own, as its documentation and swagger describe it."""

    prefix = "/git/api/v1"
    TITLE, BODY, STATUS, EDITED = 255, 10_000_000, 10_000_000, 201

    def __init__(self) -> None:
        super().__init__()
        self.label_ids: dict[str, int] = {"bug": 1}

    def routes(self) -> list[Route]:
        base = f"/repos/{self.repository}/labels"
        return [*super().routes(), ("GET", base, self._list_labels), ("POST", base, self._label)]

    def account(self, headers: Mapping[str, str]) -> Account:
        match = re.fullmatch(r"(?:token|[Bb]earer) (\S+)", headers.get("authorization", ""))
        if not match or match[1] not in self.accounts:
            raise Refused(401, {"message": "invalid username, password or token"})
        return self.accounts[match[1]]

    def invalid(self, field: str, message: str) -> Refused:
        return Refused(422, {"message": f"[{field}]: {message}", "url": "/api/swagger"})

    def link(self, path: str, query: str) -> str:
        """As a server behind a proxy writes it when its ROOT_URL was never set."""
        return f"http://localhost:3000/api/v1{path}?{query}"

    def _list_labels(self, who: Account, asked: Asked) -> Reply:
        found = [{"id": id_, "name": name} for name, id_ in self.label_ids.items()]
        return self.paged(asked, found, "limit", 30, 50)

    def _label(self, who: Account, asked: Asked) -> Reply:
        if not re.fullmatch("#?[0-9a-fA-F]{6}", asked.content.get("color", "")):
            raise self.invalid("color", "is no colour")
        id_ = self.label_ids[asked.content["name"]] = self.new_id()
        return Reply(201, {"id": id_, "name": asked.content["name"]})

    def labels(self, who: Account, content: Mapping[str, Any]) -> list[dict[str, Any]]:
        names = {id_: name for name, id_ in self.label_ids.items()}
        if not all(isinstance(id_, int) for id_ in content.get("labels", [])):
            raise self.invalid("labels", "are given by their ids")
        return [{"id": id_, "name": names[id_]} for id_ in content.get("labels", [])]

    def _list_issues(self, who: Account, asked: Asked) -> Reply:
        found = self._chosen(asked, "created_by")
        if asked.query.get("type") == "issues":
            found = [item for item in found if not item.get("pull_request")]
        return self.paged(asked, found, "limit", 30, 50)

    def _list_comments(self, who: Account, asked: Asked, number: str) -> Reply:
        self._issue(number)
        return Reply(
            200, [c for _, c in sorted(self.comments.items()) if c["issue"] == int(number)]
        )

    def _list_pulls(self, who: Account, asked: Asked) -> Reply:
        return self.paged(asked, self._pulls(asked.query.get("state", "open")), "limit", 30, 50)

    def twice(self, head: str) -> Refused:
        return Refused(409, {"message": f"pull request already exists for these targets: {head}"})

"""GitLab, as docs.gitlab.com describes its REST API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.contract.forges.receiving import Account, Asked, Receiver, Refused, Reply, Route

#: A line of a text that is a command, outside of code ("GitLab quick actions").
_COMMAND = re.compile(
    r"^/(close|reopen|assign|label|merge|approve)\b", re.MULTILINE | re.IGNORECASE
)


class GitLabReceiver(Receiver):
    """One project with issues, merge requests and notes."""

    prefix = "/api/v4"
    TITLE, BODY, STATUS = 255, 1_000_000, 255

    def __init__(self) -> None:
        super().__init__()
        self.issues: dict[int, dict[str, Any]] = {}
        self.merge_requests: dict[int, dict[str, Any]] = {}
        self.notes: dict[int, dict[str, Any]] = {}
        self.statuses: list[dict[str, Any]] = []
        self.branches: dict[str, str] = {"main": "0" * 40}
        self.commands: list[str] = []  # what was done because a text said so

    def routes(self) -> list[Route]:
        base = "/projects/" + self.repository.replace("/", "%2F")
        notes = rf"{base}/(issues|merge_requests)/(\d+)/notes"
        return [
            ("GET", "/user", self._user),
            ("GET", base, self._project),
            ("GET", f"{base}/issues", self._list_issues),
            ("POST", f"{base}/issues", self._open_issue),
            ("PUT", rf"{base}/issues/(\d+)", self._change_issue),
            ("GET", notes, self._list_notes),
            ("POST", notes, self._note),
            ("PUT", rf"{notes}/(\d+)", self._edit_note),
            ("DELETE", rf"{notes}/(\d+)", self._delete_note),
            ("POST", rf"{base}/statuses/([0-9a-f]{{40}})", self._status),
            ("GET", f"{base}/merge_requests", self._list_merge_requests),
            ("POST", f"{base}/merge_requests", self._open_merge_request),
        ]

    def account(self, headers: Mapping[str, str]) -> Account:
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        token = headers.get("private-token") or bearer
        if token not in self.accounts:
            raise Refused(401, {"message": "401 Unauthorized"})
        return self.accounts[token]

    # What a test says and sees.

    def pull(self, branch: str, commit: str, *, by: str = "", base: str = "main") -> int:
        """Open a merge request from a branch; answers its number."""
        self.branches[branch] = commit
        iid = len(self.merge_requests) + 1
        self.merge_requests[iid] = {
            "iid": iid, "id": self.new_id(), "title": f"Merge {branch}", "description": "",
            "state": "opened", "source_branch": branch, "target_branch": base, "sha": commit,
            "source_project_id": 1, "target_project_id": 1,
            "web_url": f"https://forge.example/{self.repository}/-/merge_requests/{iid}",
        }  # fmt: skip
        return iid

    def say(self, number: int, token: str, body: str) -> int:
        """Somebody comments on a merge request; answers the note's id."""
        return int(self._add_note(self.accounts[token], "merge_requests", number, body)["id"])

    def bodies(self, number: int, where: str = "merge_requests") -> list[str]:
        """The comments on a merge request, the oldest first."""
        notes = [n for _, n in sorted(self.notes.items()) if n["on"] == (where, number)]
        return [n["body"] for n in notes if not n["system"]]

    # The API.

    def _check(self, content: Mapping[str, Any], **limits: int) -> None:
        for field, most in limits.items():
            if not isinstance(content.get(field), str) or not content[field]:
                raise Refused(400, {"error": f"{field} is missing"})
            if len(content[field]) > most:
                raise Refused(400, {"message": {field: [f"is too long (maximum is {most})"]}})

    def _act(self, text: str) -> None:
        self.commands += _COMMAND.findall(text)

    def _user(self, who: Account, asked: Asked) -> Reply:
        return Reply(200, {"id": who.id, "username": who.login})

    def _project(self, who: Account, asked: Asked) -> Reply:
        return Reply(200, {"id": 1, "web_url": f"https://forge.example/{self.repository}"})

    def _list_issues(self, who: Account, asked: Asked) -> Reply:
        state, author = asked.query.get("state", "all"), asked.query.get("author_id")
        found = [
            item
            for _, item in sorted(self.issues.items(), reverse=True)
            if state in ("all", item["state"]) and author in (None, str(item["author"]["id"]))
        ]
        return self.paged(asked, found, "per_page", 20, 100)

    def _open_issue(self, who: Account, asked: Asked) -> Reply:
        content = asked.content
        self._check(content, title=self.TITLE, description=1_048_576)
        self._act(content["description"])
        iid = len(self.issues) + 1
        labels = [name for name in content.get("labels", "").split(",") if name]
        self.issues[iid] = {
            "iid": iid, "id": self.new_id(), "title": content["title"], "labels": labels,
            "description": content["description"], "state": "opened",
            "author": {"id": who.id, "username": who.login},
            "web_url": f"https://forge.example/{self.repository}/-/issues/{iid}",
        }  # fmt: skip
        return Reply(201, self.issues[iid])

    def _change_issue(self, who: Account, asked: Asked, iid: str) -> Reply:
        issue, content = self._thing("issues", iid), asked.content
        texts = {name: content[name] for name in ("title", "description") if name in content}
        limits = {"title": self.TITLE, "description": 1_048_576}
        self._check(texts, **{name: limits[name] for name in texts})
        self._act(texts.get("description", ""))
        event = content.get("state_event")
        if event not in (None, "close", "reopen"):
            raise Refused(400, {"error": "state_event does not have a valid value"})
        issue.update(texts)
        if event:
            issue["state"] = "closed" if event == "close" else "opened"
        return Reply(200, issue)

    def _thing(self, where: str, iid: str) -> dict[str, Any]:
        things = self.issues if where == "issues" else self.merge_requests
        if int(iid) not in things:
            raise Refused(404, {"message": "404 Not found"})
        return things[int(iid)]

    def _add_note(self, who: Account, where: str, iid: int, body: str) -> dict[str, Any]:
        id_ = self.new_id()
        self.notes[id_] = {
            "id": id_, "on": (where, iid), "body": body, "system": False,
            "author": {"id": who.id, "username": who.login},
        }  # fmt: skip
        return self.notes[id_]

    def _list_notes(self, who: Account, asked: Asked, where: str, iid: str) -> Reply:
        self._thing(where, iid)
        found = [n for _, n in sorted(self.notes.items()) if n["on"] == (where, int(iid))]
        newest_first = asked.query.get("sort", "desc") == "desc"
        return self.paged(asked, found[:: -1 if newest_first else 1], "per_page", 20, 100)

    def _note(self, who: Account, asked: Asked, where: str, iid: str) -> Reply:
        self._thing(where, iid)
        self._check(asked.content, body=self.BODY)
        self._act(asked.content["body"])
        return Reply(201, self._add_note(who, where, int(iid), asked.content["body"]))

    def _own(self, who: Account, id_: str) -> dict[str, Any]:
        note = self.notes.get(int(id_))
        if note is None or note["author"]["id"] != who.id:
            raise Refused(404, {"message": "404 Note Not Found"})
        return note

    def _edit_note(self, who: Account, asked: Asked, where: str, iid: str, id_: str) -> Reply:
        note = self._own(who, id_)
        self._check(asked.content, body=self.BODY)
        note["body"] = asked.content["body"]
        return Reply(200, note)

    def _delete_note(self, who: Account, asked: Asked, where: str, iid: str, id_: str) -> Reply:
        del self.notes[self._own(who, id_)["id"]]
        return Reply(204)

    def _status(self, who: Account, asked: Asked, commit: str) -> Reply:
        content = asked.content
        if commit not in self.branches.values():
            raise Refused(404, {"message": "404 Commit Not Found"})
        if content.get("state") not in ("pending", "running", "success", "failed", "canceled"):
            raise Refused(400, {"error": "state does not have a valid value"})
        self._check(content, description=self.STATUS)
        name = content.get("name", "default")
        before = [s for s in self.statuses if (s["sha"], s["name"]) == (commit, name)]
        if before and before[-1]["state"] == content["state"]:
            message = f"Cannot transition status via :x from :{content['state']} (Reason(s): state)"
            raise Refused(400, {"message": message})
        self.statuses.append({"sha": commit, "name": name, **content})
        return Reply(201, {"id": self.new_id(), **content})

    def _list_merge_requests(self, who: Account, asked: Asked) -> Reply:
        wanted = {
            "state": asked.query.get("state"),
            "source_branch": asked.query.get("source_branch"),
            "target_branch": asked.query.get("target_branch"),
        }
        found = [
            item
            for item in self.merge_requests.values()
            if all(value in (None, "all", item[name]) for name, value in wanted.items())
        ]
        return self.paged(asked, found, "per_page", 20, 100)

    def _open_merge_request(self, who: Account, asked: Asked) -> Reply:
        content = asked.content
        self._check(content, source_branch=255, target_branch=255, title=self.TITLE)
        source = content["source_branch"]
        if source not in self.branches:
            raise Refused(400, {"message": ['Source branch "x" does not exist']})
        for item in self.merge_requests.values():
            if (item["source_branch"], item["state"]) == (source, "opened"):
                message = "Another open merge request already exists for this source branch"
                raise Refused(409, {"message": [message]})
        self._act(content.get("description", ""))
        iid = self.pull(source, self.branches[source], base=content["target_branch"])
        self.merge_requests[iid].update(
            title=content["title"], description=content.get("description", "")
        )
        return Reply(201, self.merge_requests[iid])

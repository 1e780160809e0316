"""Gitea, and Forgejo, which keeps its API.

Sources: "API usage" (docs.gitea.com: `Authorization: token …`, pages of at most 50) and Gitea's
`/api/swagger`. Comments of an issue come all at once (`issueGetComments` has no page), labels of a
new issue are given by their ids, and a pull request by base and head is answered whatever its
state, so that the open ones are listed instead. Gitea states no limit on a body; ours keeps the
page readable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from gitopsd.adapters.forges.repos import Repos, pull_request
from gitopsd.adapters.forges.rest import Query
from gitopsd.ports import Limits, PullRequest

_COLOUR = "#5319e7"


class Gitea(Repos):
    """A repository at Gitea."""

    NAME: ClassVar = "Gitea"
    DEFAULT_URL: ClassVar = ""
    PACE: ClassVar = 0.0
    limits: ClassVar = Limits(title=255, body=262_144, status=255)
    _PAGE: ClassVar[Query] = (("limit", "50"),)

    @staticmethod
    def headers(token: str) -> dict[str, str]:
        """The headers that every request carries."""
        return {"Accept": "application/json", "Authorization": f"token {token}"}

    def pull_request(self, branch: str, base: str) -> PullRequest | None:
        """As in `ports.Forge`."""
        query = (*self._PAGE, ("state", "open"))
        for item in self._rest.items(f"{self._base}/pulls", "look for a pull request", query):
            same = (item["head"]["ref"], item["base"]["ref"]) == (branch, base)
            if same and item["head"].get("repo_id") == item["base"].get("repo_id"):
                return pull_request(item)
        return None

    def _mine(self, author: Mapping[str, Any]) -> bool:
        return bool(author.get("id") == self._account["id"])

    def _own_issues(self) -> Query:
        return (("type", "issues"), ("created_by", str(self._account["login"])))

    def _labels(self, names: Sequence[str]) -> Sequence[str | int]:
        """By their ids; labels that are missing are made."""
        path = f"{self._base}/labels"
        known = {
            item["name"]: item["id"] for item in self._rest.items(path, "list labels", self._PAGE)
        }
        for name in names:
            if name not in known:
                content = {"name": name, "color": _COLOUR}
                known[name] = self._rest.write("POST", path, "make a label", content)["id"]
        return [known[name] for name in names]

    @cached_property
    def _account(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._rest.get("/user", "ask for our account (read:user)")
        return found

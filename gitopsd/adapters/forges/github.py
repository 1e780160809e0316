"""GitHub, github.com or an Enterprise Server.

Sources (docs.github.com, REST API): "Getting started with the REST API" (headers), "Best
practices" (a second between writes), "Get the authenticated user" (refused to the tokens of apps
and of Actions), "List pull requests" (`head` is OWNER:BRANCH); GraphQL API, "Queries" (`viewer`,
which answers apps too), "Forming calls with GraphQL" (its address, at a server `/api/graphql`).
Limits: a body has at most 65,536 characters and a status' description 140 (the API's own words when
it refuses), a title 256.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import orjson

from gitopsd.adapters.forges.repos import Repos, pull_request
from gitopsd.adapters.forges.rest import Query
from gitopsd.adapters.web import Answer, Request, Web
from gitopsd.ports import Forbidden, Limits, OutcomeUnknown, Permanent, PullRequest

#: Where a server has its REST API; its GraphQL is beside it.
_SERVERS = "/api/v3"


class GitHub(Repos):
    """A repository at GitHub."""

    NAME: ClassVar = "GitHub"
    DEFAULT_URL: ClassVar = "https://api.github.com"
    #: Seconds between writes.
    PACE: ClassVar = 1.0
    limits: ClassVar = Limits(title=256, body=65_536, status=140)
    _PAGE: ClassVar[Query] = (("per_page", "100"),)

    @staticmethod
    def headers(token: str) -> dict[str, str]:
        """The headers that every request carries."""
        return {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }

    def __init__(self, web: Web, repository: str) -> None:
        super().__init__(web, repository)
        self._author: int | None = None  # of what we wrote

    def pull_request(self, branch: str, base: str) -> PullRequest | None:
        """As in `ports.Forge`."""
        query = (("state", "open"), ("head", f"{self._owner}:{branch}"), ("base", base))
        found = self._rest.get(f"{self._base}/pulls", "look for a pull request", query)
        return pull_request(found[0]) if found else None

    def _mine(self, author: Mapping[str, Any]) -> bool:
        """The account of the token.

        Any app's only among issues, and only where an app's token is told nothing of itself: who
        runs the repository alone can let an app write there, so that it is not a stranger's.
        """
        if self._account is not None:
            return bool(author.get("id") == self._account["id"])
        if self._author is not None:
            return bool(author.get("id") == self._author)
        if author.get("type") != "Bot":
            return False
        return not self._app or _app(str(author.get("login"))) == self._app

    @property
    def _known(self) -> bool:
        return self._account is not None or bool(self._app) or self._author is not None

    def _wrote(self, author: Mapping[str, Any]) -> None:
        self._author = author.get("id")

    def _own_issues(self) -> Query:
        if self._account is not None:
            return (("creator", str(self._account["login"])),)
        return (("creator", f"{self._app}[bot]"),) if self._app else ()

    def _labels(self, names: Sequence[str]) -> Sequence[str | int]:
        """By name; labels that are missing are made with the issue."""
        return names

    @cached_property
    def _app(self) -> str:
        """The name of the app whose token it is; "" where that cannot be asked."""
        path = self._web.address.path
        if path and not path.endswith(_SERVERS):
            return ""  # behind something else that leads to the API alone
        request = Request(
            "POST",
            f"{path.removesuffix('/v3')}/graphql",
            "ask for our app",
            body=orjson.dumps({"query": "query { viewer { login } }"}),
            headers={"Content-Type": "application/json"},
            rooted=True,
        )
        try:
            answer = self._web.fetch(request, Answer.json)
            return _app(str(answer["data"]["viewer"]["login"]))
        except (Permanent, OutcomeUnknown, KeyError, TypeError):
            return ""

    @cached_property
    def _account(self) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self._rest.get("/user", "ask for our account")
        except Forbidden:
            return None
        return found


def _app(login: str) -> str:
    """The app's own name: the two APIs do not agree on whether `[bot]` belongs to it."""
    return login.removesuffix("[bot]")

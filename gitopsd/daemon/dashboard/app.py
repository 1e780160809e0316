"""The page and its data over HTTP: `GET` and `HEAD` only, and nothing that changes anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from gitopsd.daemon.dashboard import overview
from gitopsd.daemon.dashboard.access import Request, refusal
from gitopsd.daemon.dashboard.details import detail
from gitopsd.daemon.dashboard.events import EVENTS, Hub, Receive
from gitopsd.daemon.dashboard.files import Assets
from gitopsd.daemon.dashboard.replies import Reply, Send, json_reply, message, send_reply
from gitopsd.daemon.dashboard.rows import Rows
from gitopsd.daemon.dashboard.views import Place, TargetView, Timed, Views
from gitopsd.daemon.operator import Operator
from gitopsd.daemon.secret_files import secrets_in
from gitopsd.daemon.settings import Dashboard
from gitopsd.drift.render import Words
from gitopsd.model.identity import Identity

#: Longer addresses than this name nothing of ours.
LONGEST_URL = 4096
API = "/api/v1/"
PAGE = "/ui/"


def _utc() -> datetime:
    return datetime.now(UTC)


class DashboardApp:
    """Answers what is asked of the page, out of what `views` and `operator` know already.

    `settings` are asked for at each request: they may change while it runs.
    """

    def __init__(
        self,
        operator: Operator,
        settings: Callable[[], Dashboard],
        *,
        now: Callable[[], datetime] = _utc,
        hub: Hub | None = None,
    ) -> None:
        self.hub = hub or Hub()
        self.views = Views(now, self.hub.changed)
        self._operator = operator
        self._settings = settings
        self._now = now
        self._rows = Rows()
        self._assets = Assets()

    def takes(self, path: str) -> bool:
        """Whether a path is one of the page's."""
        mine = path == "/" or path.startswith(("/ui", "/api"))
        return mine and self._settings().enabled

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        request = _request(scope)
        head = request.method == "HEAD"
        reply = self._refused(request)
        if reply is None and request.path == f"{API}events" and not head:
            await self.hub.serve(receive, send)
            return
        if reply is None:
            reply = await asyncio.to_thread(self._answer, request)
        await send_reply(send, reply, dict(request.headers), head=head)

    def _refused(self, request: Request) -> Reply | None:
        if len(request.raw) + len(request.query) > LONGEST_URL:
            return message(414, f"an address has at most {LONGEST_URL} characters")
        settings = self._settings()
        data = request.path.startswith("/api")
        tokens = secrets_in(Path(settings.token_file)) if settings.token_file else []
        refused = refusal(request, settings, tokens, data=data)
        if refused is not None:
            ask = ((b"www-authenticate", b'Bearer realm="gitopsd"'),)
            return message(refused.status, refused.why, *(ask if refused.status == 401 else ()))
        if request.method not in ("GET", "HEAD"):
            return message(405, "GET only: nothing is changed here", (b"allow", b"GET, HEAD"))
        return None

    def _answer(self, request: Request) -> Reply:
        if request.path in ("/", "/ui"):
            return message(307, "the page is at /ui/", (b"location", PAGE.encode()))
        if request.path.startswith(PAGE):
            found = self._assets.get(request.path.removeprefix(PAGE))
            return found or message(404, "nothing is here")
        return self._data(request.path.removeprefix(API), request.raw, _words(request.query))

    def _data(self, name: str, raw: str, words: Words) -> Reply:
        if name == "events":  # HEAD: who asks with GET is listening by now
            return Reply(200, b"", EVENTS)
        shown = self._shown()
        passes = {place: self.views.passes(place) for place in shown}
        if name == "exposures":
            return self._rows.reply(shown)
        if name.startswith("exposures/"):
            return self._detail(raw.removeprefix(f"{API}exposures/"), shown, words)
        now = self._now()
        makers: dict[str, Callable[[], dict[str, Any]]] = {
            "overview": lambda: self._overview(shown, passes, now),
            "plans": lambda: overview.plans(shown),
            "holds": lambda: overview.holds(shown, now),
            "passes": lambda: overview.passes(passes),
            "reports": lambda: overview.reports(shown, words),
            "problems": lambda: overview.problems(dict(overview.of_repository(self._operator))),
        }
        make = makers.get(name)
        return json_reply(make()) if make else message(404, "nothing is here")

    def _overview(
        self, shown: dict[Place, TargetView], passes: dict[Place, tuple[Timed, ...]], now: datetime
    ) -> dict[str, Any]:
        told = overview.overview(self._operator, shown, passes, now)
        return {"version": self.hub.version, "rows": self._rows.reply(shown).etag, **told}

    def _detail(self, path: str, shown: dict[Place, TargetView], words: Words) -> Reply:
        parts = [unquote(part) for part in path.split("/")]
        if len(parts) == 5:
            repository, target, *names = parts
            place, subject = (repository, target), Identity(*names)
            problems = dict(overview.of_repository(self._operator)).get(repository, ())
            if place in shown and subject in shown[place].subjects:
                return json_reply(detail(place, subject, shown[place], problems, words))
        return message(404, "nothing of that name is at a target that this replica keeps")

    def _shown(self) -> dict[Place, TargetView]:
        """The views of the targets that are ours now; of the others, their holder tells."""
        desks = self._operator.targets.values()
        ours = frozenset((desk.repository.name, desk.target) for desk in desks if desk.held)
        self.views.keep_only(ours)
        return {place: view for place, view in self.views.views.items() if place in ours}


def _request(scope: dict[str, Any]) -> Request:
    headers: dict[str, str] = {}
    for key, content in scope["headers"]:
        name, text = key.decode("latin-1").lower(), content.decode("latin-1")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    peer = scope.get("peer") or scope.get("client") or ("",)
    query = scope.get("query_string", b"").decode("latin-1")
    raw = (scope.get("raw_path") or b"").decode("latin-1")
    return Request(scope["method"], scope["path"], query, headers, str(peer[0]), raw)


def _words(query: str) -> Words:
    asked = parse_qs(query, max_num_fields=20) if query.count("&") < 20 else {}
    return Words("zh" if asked.get("language") == ["zh"] else "en")

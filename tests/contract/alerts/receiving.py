"""Services as they document themselves: they check signature, form and pace, and keep what came.

Each is a function from a request to an answer; `Service` is the server around it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Post:
    """A request that arrived. `time` is the service's clock, in seconds."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    time: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer; a status of 0 hangs up without one."""

    status: int
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def told(status: int, content: Any, **headers: str) -> Reply:
    return Reply(status, json.dumps(content).encode(), headers)


Answering = Callable[["Service", Post], Reply]


class Service(ThreadingHTTPServer):
    """A context manager. `took` are the posts it accepted, `faults` what it answers first."""

    daemon_threads = True

    def __init__(self, answering: Answering, **state: Any) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answering = answering
        self.took: list[Post] = []
        self.asked: list[Post] = []
        self.faults: deque[Reply] = deque()
        self.clock: Callable[[], float] = lambda: 0.0
        self.state = state
        self.lock = threading.RLock()

    def __enter__(self) -> Self:
        run = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        run.daemon = True
        run.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def within(self, number: int, seconds: float) -> bool:
        """Whether one more keeps within a rate limit."""
        now = self.clock()
        return sum(now - post.time < seconds for post in self.took) < number

    def answer(self, post: Post) -> Reply:
        with self.lock:
            self.asked.append(post)
            if self.faults:
                return self.faults.popleft()
            return self.answering(self, post)


class _Handler(BaseHTTPRequestHandler):
    server: Service
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        headers = {key.lower(): value for key, value in self.headers.items()}
        post = Post(parts.path, query, headers, body, self.server.clock())
        reply = self.server.answer(post)
        if not reply.status:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        self.wfile.write(reply.content)


def late(answering: Answering) -> Answering:
    """A service that takes what it is sent, and answers when nobody waits any more."""

    def answer(service: Service, post: Post) -> Reply:
        found = answering(service, post)
        return Reply(0) if found.status < 300 else found

    return answer


def _is_json(post: Post) -> bool:
    return post.headers.get("content-type", "").startswith("application/json")


def dingtalk(service: Service, post: Post) -> Reply:
    """open.dingtalk.com, "Custom robot access" and "Custom robot security settings"."""

    def refuse(code: int, words: str) -> Reply:
        return told(200, {"errcode": code, "errmsg": words})

    token, secret = service.state["token"], service.state.get("secret", "")
    if post.path != "/robot/send" or post.query.get("access_token") != token:
        return refuse(300005, "token is not exist")
    if secret:
        stamp = post.query.get("timestamp", "0")
        text = f"{stamp}\n{secret}".encode()
        code = hmac.new(secret.encode(), text, hashlib.sha256).digest()
        if abs(int(stamp) / 1000 - service.clock()) > 3600:
            return refuse(310000, "invalid timestamp")
        if post.query.get("sign") != base64.b64encode(code).decode():
            return refuse(310000, "sign not match")
    content = post.json
    if not _is_json(post) or content.get("msgtype") != "markdown" or len(post.body) > 20_000:
        return refuse(400, "bad message")
    if not all(isinstance(content["markdown"].get(k), str) for k in ("title", "text")):
        return refuse(400, "bad message")
    if not service.within(20, 60):
        return refuse(130101, "send too fast, exceed 20 times per minute")
    service.took.append(post)
    return told(200, {"errcode": 0, "errmsg": "ok"})


def feishu(service: Service, post: Post) -> Reply:
    """open.feishu.cn, "Custom bot usage guide"."""

    def refuse(code: int, words: str) -> Reply:
        return told(200, {"code": code, "msg": words, "data": {}})

    content = post.json
    if post.path != f"/open-apis/bot/v2/hook/{service.state['token']}":
        return refuse(19001, "param invalid: incoming webhook access token invalid")
    key = f"{content.get('timestamp')}\n{service.state['secret']}".encode()
    sign = base64.b64encode(hmac.new(key, digestmod=hashlib.sha256).digest()).decode()
    late = abs(int(content.get("timestamp", 0)) - service.clock()) > 3600
    if content.get("sign") != sign or late:
        return refuse(19021, "sign match fail or timestamp is not within one hour")
    if content.get("msg_type") != "post" or len(post.body) > 20 * 1024:
        return refuse(9499, "Bad Request")
    for language in content["content"]["post"].values():
        for paragraph in language["content"]:
            assert all(tag["tag"] == "text" and tag["text"] for tag in paragraph)
    if not (service.within(5, 1) and service.within(100, 60)):
        return refuse(11232, "create msg trigger frequency limit")
    service.took.append(post)
    return told(200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "msg": "success"})


def wecom(service: Service, post: Post) -> Reply:
    """developer.work.weixin.qq.com/document/path/91770."""

    def refuse(code: int, words: str) -> Reply:
        return told(200, {"errcode": code, "errmsg": words})

    if post.path != "/cgi-bin/webhook/send" or post.query.get("key") != service.state["key"]:
        return refuse(93000, "invalid webhook url")
    content = post.json
    if content.get("msgtype") != "markdown":
        return refuse(40008, "invalid message type")
    if len(content["markdown"]["content"].encode()) > 4096:
        return refuse(40058, "markdown.content exceed max length 4096")
    if not service.within(20, 60):
        return refuse(45009, "api freq out of limit")
    service.took.append(post)
    return told(200, {"errcode": 0, "errmsg": "ok"})


def slack_webhook(service: Service, post: Post) -> Reply:
    """docs.slack.dev, "Sending messages using incoming webhooks"."""
    if post.path != f"/services/{service.state['token']}":
        return Reply(403, b"invalid_token")
    if not isinstance(post.json.get("text"), str) or not post.json["text"]:
        return Reply(400, b"no_text")
    if not service.within(1, 1):
        return Reply(429, b"rate_limited", {"Retry-After": "1"})
    service.took.append(post)
    return Reply(200, b"ok")


def slack_api(service: Service, post: Post) -> Reply:
    """docs.slack.dev, `chat.postMessage` and `chat.update`; keeps the channel's messages."""
    if post.headers.get("authorization") != f"Bearer {service.state['token']}":
        return told(200, {"ok": False, "error": "invalid_auth"})
    messages: dict[str, dict[str, Any]] = service.state.setdefault("messages", {})
    content = post.json
    if content.get("channel") != "C1":
        return told(200, {"ok": False, "error": "channel_not_found"})
    if post.path == "/api/chat.postMessage":
        if content.get("thread_ts") not in (None, *messages):
            return told(200, {"ok": False, "error": "thread_not_found"})
        stamp = f"{len(messages) + 1}.000100"
        messages[stamp] = {"text": content["text"], "thread": content.get("thread_ts")}
    elif post.path == "/api/chat.update":
        stamp = content["ts"]
        if stamp not in messages:
            return told(200, {"ok": False, "error": "message_not_found"})
        messages[stamp]["text"] = content["text"]
    else:
        return told(200, {"ok": False, "error": "unknown_method"})
    service.took.append(post)
    return told(200, {"ok": True, "channel": "C1", "ts": stamp})


def teams(service: Service, post: Post) -> Reply:
    """learn.microsoft.com: a workflow takes Adaptive Cards of at most 28 KB, 4 a second."""
    if post.query.get("sig") != service.state["sig"]:
        return told(401, {"error": {"code": "DirectApiAuthorizationRequired"}})
    content = post.json
    if content.get("type") != "message" or len(post.body) > 28 * 1024:
        return told(413, {"error": "too large"})
    for attachment in content["attachments"]:
        assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        card = attachment["content"]
        assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
        for block in card["body"]:
            assert block["type"] == "RichTextBlock"
            assert all(run["type"] == "TextRun" and run["text"] for run in block["inlines"])
    if not service.within(4, 1):
        return Reply(429, b"", {"Retry-After": "2"})
    service.took.append(post)
    return Reply(202)


def webhook(service: Service, post: Post) -> Reply:
    """docs/alerts.md: the signature, and each key once."""
    stamp = post.headers["x-gitopsd-timestamp"]
    signed = hmac.new(service.state["secret"].encode(), f"{stamp}.".encode() + post.body, "sha256")
    if post.headers.get("x-gitopsd-signature") != f"sha256={signed.hexdigest()}":
        return told(401, {"message": "the signature does not match"})
    keys = [taken.headers["idempotency-key"] for taken in service.took]
    if post.headers["idempotency-key"] not in keys:
        service.took.append(post)
    return Reply(204)


def alertmanager(service: Service, post: Post) -> Reply:
    """prometheus/alertmanager, api/v2/openapi.yaml: postableAlerts."""
    if post.path != "/api/v2/alerts" or not _is_json(post):
        return told(404, "not found")
    for alert in post.json:
        assert set(alert) <= {"labels", "annotations", "startsAt", "endsAt", "generatorURL"}
        labels = {**alert["labels"], **alert["annotations"]}
        assert all(isinstance(v, str) and v for v in labels.values())
        assert alert["labels"]["alertname"]
    service.took.append(post)
    return Reply(200)

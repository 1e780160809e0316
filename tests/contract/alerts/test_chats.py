"""DingTalk, Feishu, WeCom, Slack, Teams and webhooks, each as it documents itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from gitopsd.adapters.alerts.dingtalk import DingTalk
from gitopsd.adapters.alerts.feishu import Feishu
from gitopsd.adapters.alerts.slack import SlackThreads, SlackWebhook
from gitopsd.adapters.alerts.teams import Teams
from gitopsd.adapters.alerts.wecom import WeCom
from gitopsd.model.message import Line
from gitopsd.ports import (
    Busy,
    Forbidden,
    Misconfigured,
    Missing,
    OutcomeUnknown,
    Permanent,
    RateLimit,
    Rejected,
    Sink,
    Throttled,
    Unauthenticated,
    Unreachable,
    WorldError,
)
from tests.contract.alerts import receiving
from tests.contract.alerts.conftest import messages
from tests.contract.alerts.receiving import Reply, Service, told

SECRET, TOKEN = "SEC-0123456789abcdef", "tok-0123456789abcdef"
Make = Callable[..., Sink]


class Kind(NamedTuple):
    """A service: how it answers, what it knows, the path of its webhook, and its settings."""

    answering: Any
    state: dict[str, str]
    path: str
    secret: bool = False
    key: str = ""


KINDS = {
    "dingtalk": Kind(
        receiving.dingtalk, {"token": TOKEN, "secret": SECRET},
        f"/robot/send?access_token={TOKEN}", secret=True,
    ),
    "feishu": Kind(
        receiving.feishu, {"token": TOKEN, "secret": SECRET},
        f"/open-apis/bot/v2/hook/{TOKEN}", secret=True,
    ),
    "wecom": Kind(receiving.wecom, {"key": TOKEN}, f"/cgi-bin/webhook/send?key={TOKEN}"),
    "slack": Kind(receiving.slack_webhook, {"token": TOKEN}, f"/services/{TOKEN}"),
    "teams": Kind(receiving.teams, {"sig": TOKEN}, f"/workflows/1?sig={TOKEN}"),
}  # fmt: skip


@contextmanager
def meeting(name: str, make: Make, **secrets: str) -> Iterator[tuple[Service, Sink]]:
    kind = KINDS[name]
    with Service(kind.answering, **kind.state) as service:
        service.clock = time.time
        files = {"webhook": service.url + kind.path, "secret": SECRET, **secrets}
        form: dict[str, Any] = {"webhook": {"file": "webhook"}, "host": service.host}
        if kind.secret:
            form["secret"] = {"file": "secret"}
        yield service, make(files, **{name: form})


@pytest.mark.parametrize("name", KINDS)
def test_a_message_arrives_signed_and_in_form(name: str, sink: Make) -> None:
    with meeting(name, sink) as (service, way):
        first = messages()[0]
        way.deliver(first)
        assert len(service.took) == 1
        body = service.took[0].body.decode("unicode_escape")
        assert "Decide: Exposure/shop/tea at edge" in body
        assert "gitopsd apply --correct --target edge" in body


@pytest.mark.parametrize("name", KINDS)
def test_what_others_wrote_calls_nobody_and_loads_nothing(name: str, sink: Make) -> None:
    with meeting(name, sink) as (service, way):
        way.deliver(messages()[0])
        sent = json.dumps(service.took[0].json, ensure_ascii=False)
        assert "\u202e" not in sent
        if name in ("dingtalk", "wecom", "slack"):  # the others keep text and markup apart
            assert "<!channel" not in sent
            assert "<@" not in sent
            assert "](http" not in sent or name == "slack"


@pytest.mark.parametrize("name", KINDS)
def test_a_webhook_that_leads_to_another_host_than_is_named_is_not_followed(
    name: str, sink: Make
) -> None:
    with meeting(name, sink) as (service, way), Service(KINDS[name].answering) as elsewhere:
        sink({"webhook": elsewhere.url + KINDS[name].path}, files={"folder": "/nowhere"})
        with pytest.raises(Misconfigured) as caught:
            way.deliver(messages()[0])
        assert service.asked == elsewhere.asked == []
        assert elsewhere.host not in str(caught.value)


@pytest.mark.parametrize("name", KINDS)
def test_a_redirect_elsewhere_is_not_followed(name: str, sink: Make) -> None:
    with meeting(name, sink) as (service, way), Service(KINDS[name].answering) as elsewhere:
        service.faults.append(Reply(307, b"", {"Location": f"{elsewhere.url}/steal"}))
        with pytest.raises(WorldError):
            way.deliver(messages()[0])
        assert elsewhere.asked == []


#: How a service may spell what it was sent; and that it may cut it.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "percent": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "percent twice": lambda text: "".join(f"%25{byte:02X}" for byte in text.encode()),
    "html": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "json": lambda text: "".join(f"\\u{ord(char):04X}" for char in text),
    "tags": lambda text: "<wbr>".join(text[at : at + 7] for at in range(0, len(text), 7)),
    "blanks": " \u200b".join,
    "cut": lambda text: text[: len(text) // 2],
}
REFUSALS = {
    400: Rejected,
    401: Unauthenticated,
    402: Misconfigured,
    403: Forbidden,
    404: Missing,
    405: Misconfigured,
    409: Busy,
    410: Missing,
    413: Rejected,
    422: Rejected,
    429: Throttled,
    500: Unreachable,
    503: Unreachable,
    504: OutcomeUnknown,
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_is_quoted_readably_and_means_what_its_status_says(
    name: str, status: int, sink: Make
) -> None:
    with meeting(name, sink) as (service, way):
        service.faults.append(Reply(status, f"Cannot POST hook {TOKEN} of acme".encode()))
        with pytest.raises(WorldError) as caught:
            way.deliver(messages()[0])
        words = "Cannot POST hook *** of acme"
        assert caught.value.detail == f"send a message: HTTP {status}: {words}"
        assert type(caught.value) is REFUSALS[status]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_refusal_tells_no_secret_however_it_is_spelled(
    name: str, spelling: str, sink: Make
) -> None:
    """A service that quotes what it was sent makes our error no leak."""
    spell = SPELLINGS[spelling]
    with meeting(name, sink) as (service, way):
        secret = SECRET if KINDS[name].secret else TOKEN
        echo = f"no such hook: <b>{spell(TOKEN)}</b> {spell(secret)} at {spell('x')}"
        service.faults.append(Reply(404, echo.encode()))
        with pytest.raises(WorldError) as caught:
            way.deliver(messages()[0])
        x = spell("x") if spelling in ("plain", "upper", "cut") else "x"
        told = f"no such hook: *** *** at {x}".rstrip()
        assert caught.value.detail == f"send a message: HTTP 404: {told}"
        error: BaseException | None = caught.value
        while error is not None:
            bare = f"{error} {error!r} {vars(error)}".replace("***", "")
            assert not any(word[:8] in bare for word in (TOKEN, SECRET))
            error = error.__cause__ or error.__context__


def test_a_limit_that_is_told_in_words_is_heard(sink: Make) -> None:
    with meeting("slack", sink) as (service, way):
        service.faults.append(Reply(403, b"rate limit exceeded"))
        with pytest.raises(Throttled) as caught:
            way.deliver(messages()[0])
        assert caught.value.detail == "send a message: HTTP 403: rate limit exceeded"


@pytest.mark.parametrize(
    ("asked", "seconds"), [("30", 30), ("\u00b2", 60), ("-1", 60), ("9" * 12, 3600)]
)
def test_a_time_to_wait_is_believed_within_reason(asked: str, seconds: int, sink: Make) -> None:
    with meeting("slack", sink) as (service, way):
        service.faults.append(Reply(429, b"slow down", {"Retry-After": asked}))
        with pytest.raises(Throttled) as caught:
            way.deliver(messages()[0])
        assert caught.value.after == seconds


@pytest.mark.parametrize("name", ["dingtalk", "feishu"])
def test_a_wrong_signature_is_the_operators_to_mend(name: str, sink: Make) -> None:
    with meeting(name, sink, secret="SEC-wrong") as (service, way):
        with pytest.raises(Permanent) as caught:
            way.deliver(messages()[0])
        assert service.took == []
        assert "SEC-wrong" not in str(caught.value)


@pytest.mark.parametrize("name", ["dingtalk", "feishu", "wecom"])
def test_a_robot_that_is_gone_is_told_as_that(name: str, sink: Make) -> None:
    with meeting(name, sink) as (service, way):
        service.state |= {"token": "another", "key": "another"}
        with pytest.raises((Unauthenticated, Misconfigured)):
            way.deliver(messages()[0])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("dingtalk", {"errcode": 130101, "errmsg": "send too fast"}),
        ("feishu", {"code": 11232, "msg": "frequency limit"}),
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}),
        ("teams", "Webhook message delivery failed with error: endpoint returned HTTP error 429"),
    ],
)
def test_a_refusal_with_http_200_is_heard(name: str, content: Any, sink: Make) -> None:
    with meeting(name, sink) as (service, way):
        service.faults.append(told(200, content))
        with pytest.raises(Throttled) as caught:
            way.deliver(messages()[0])
        assert (caught.value.after or 0) >= 60


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("feishu", {"code": 19007, "msg": "Bot Not Enabled"}, Misconfigured),
        ("wecom", {"errcode": 45033, "errmsg": "api concurrent out of limit"}, Throttled),
        ("wecom", {"errcode": 40058, "errmsg": "markdown.content exceed max length"}, Rejected),
    ],
)
def test_a_service_that_is_switched_off_is_told_from_content_that_is_refused(
    name: str, content: Any, kind: type[WorldError], sink: Make
) -> None:
    with meeting(name, sink) as (service, way):
        service.faults.append(told(200, content))
        with pytest.raises(WorldError) as caught:
            way.deliver(messages()[0])
        assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("restricted_action", Forbidden),
        ("team_access_not_granted", Forbidden),
        ("is_archived", Missing),
        ("message_limit_exceeded", Throttled),
        ("msg_too_long", Rejected),
    ],
)
def test_what_slack_answers_is_told_as_what_it_is(
    error: str, kind: type[WorldError], sink: Make
) -> None:
    with Service(receiving.slack_api, token=TOKEN) as service:
        form = {"token": {"file": "token"}, "channel": "C1", "host": service.host}
        service.faults.append(told(200, {"ok": False, "error": error}))
        with pytest.raises(WorldError) as caught:
            sink({"token": TOKEN}, slack=form).deliver(messages()[0])
        assert type(caught.value) is kind
        assert caught.value.detail == f"send a message: {error}"


def test_a_bot_of_slack_keeps_one_conversation_in_one_message_and_its_thread(sink: Make) -> None:
    with Service(receiving.slack_api, token=TOKEN) as service:
        form = {"token": {"file": "token"}, "channel": "C1", "host": service.host}
        way = sink({"token": TOKEN}, slack=form)
        opened, done = messages()
        handle = way.deliver(opened)
        assert way.deliver(replace(done, handle=handle)) == handle
        first, second = service.state["messages"].values()
        assert first["thread"] is None
        assert second["thread"] == handle.split()[1]
        assert first["text"].startswith("*Done: Exposure/shop/tea")


def test_a_digest_at_slack_is_answered_in_its_thread_and_stays_as_it_is(sink: Make) -> None:
    with Service(receiving.slack_api, token=TOKEN) as service:
        form = {"token": {"file": "token"}, "channel": "C1", "host": service.host}
        way = sink({"token": TOKEN}, slack=form)
        opened, done = messages()
        handle = way.deliver(replace(opened, conversation="", title="Decide about 17 findings"))
        assert way.deliver(replace(done, handle=handle)) == handle
        first, second = service.state["messages"].values()
        assert first["text"].startswith("*Decide about 17 findings")
        assert second["thread"] == handle.split()[1]


def test_a_webhook_is_signed_and_takes_each_message_once(sink: Make) -> None:
    with Service(receiving.webhook, secret=SECRET) as service:
        service.clock = time.time
        form = {"url": f"{service.url}/drift", "secret": {"file": "secret"}}
        way = sink({"secret": SECRET}, webhook=form)
        first = messages()[0]
        way.deliver(first)
        way.deliver(first)
        assert len(service.took) == 1
        content = service.took[0].json
        assert content["items"][0]["news"] == "opened"
        assert content["items"][0]["fingerprint"]
        assert SECRET not in service.took[0].body.decode()


def test_a_secret_is_read_anew_for_each_message(sink: Make) -> None:
    with Service(receiving.webhook, secret="SEC-another") as service:
        form = {"url": service.url, "secret": {"file": "secret"}}
        way = sink({"secret": SECRET}, webhook=form)
        with pytest.raises(Unauthenticated):
            way.deliver(messages()[0])
        sink({"secret": "SEC-another"}, webhook=form)
        way.deliver(messages()[0])
        assert len(service.took) == 1


def test_a_secret_may_be_in_the_environment(sink: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    with Service(receiving.webhook, secret=SECRET) as service:
        way = sink(webhook={"url": service.url, "secret": {"env": "SINK_SECRET"}})
        with pytest.raises(Unauthenticated, match="SINK_SECRET is empty"):
            way.deliver(messages()[0])
        monkeypatch.setenv("SINK_SECRET", SECRET)
        way.deliver(messages()[0])


def test_a_long_message_is_cut_and_says_so(sink: Make) -> None:
    long = messages()[0]
    huge = replace(long, lines=tuple(Line("对", "值" * 200) for _ in range(200)))
    for name in KINDS:
        with meeting(name, sink) as (service, way):
            way.deliver(huge)
            assert "cut here" in json.dumps(service.took[0].json, ensure_ascii=False)


@pytest.mark.parametrize(
    ("service", "allowed"),
    [(DingTalk, [RateLimit(20, 60.0)]), (WeCom, [RateLimit(20, 60.0)]),
     (Feishu, [RateLimit(5, 1.0), RateLimit(100, 60.0)]), (SlackWebhook, [RateLimit(1, 1.0)]),
     (SlackThreads, [RateLimit(1, 1.0)]), (Teams, [RateLimit(1, 1.0)])],
)  # fmt: skip
def test_room_is_left_to_what_a_service_allows_for_what_reaches_it_late(
    service: type[Sink], allowed: list[RateLimit]
) -> None:
    limits: tuple[RateLimit, ...] = service.limits  # type: ignore[assignment]
    for most in allowed:
        assert any(
            (kept.number < most.number and kept.seconds >= most.seconds)
            or (kept.number <= most.number and kept.seconds > most.seconds)
            for kept in limits
        )

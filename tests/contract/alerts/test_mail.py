"""Mail, handed in at a server over STARTTLS."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gitopsd.ports import (
    Incomplete,
    Misconfigured,
    Rejected,
    Sink,
    Unauthenticated,
    Unreachable,
    WorldError,
)
from gitopsd.sandbox.kubernetes.certificates import make_certificates
from tests.contract.alerts.conftest import messages
from tests.contract.alerts.mailing import MailServer
from tests.unit.daemon.test_alerting import Place, reports

Make = Callable[..., Sink]
PASSWORD = "pa55-w0rd-0123"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS, and the file of the authority that vouches for it."""
    made = make_certificates()
    folder = tmp_path_factory.mktemp("tls")
    for name, content in (("ca", made.authority), ("cert", made.certificate), ("key", made.key)):
        (folder / name).write_text(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert", folder / "key")
    return context, folder / "ca"


def form(server: MailServer, authority: Path | None, **more: Any) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": server.port,
        "sender": "gitopsd@example.com",
        "recipients": ["ops@example.com", "net@example.com"],
        "username": "gitopsd",
        "password": {"file": "password"},
        **({"caFile": str(authority)} if authority else {}),
        **more,
    }


def test_one_conversation_is_one_thread(sink: Make, authority: tuple[ssl.SSLContext, Path]) -> None:
    context, ca = authority
    with MailServer(context, "gitopsd", PASSWORD) as server:
        way = sink({"password": PASSWORD}, email=form(server, ca))
        opened, done = messages()
        handle = way.deliver(opened)
        way.deliver(replace(done, handle=handle))
        first, second = server.mails
        assert first["Subject"] == opened.title
        assert first["To"] == "ops@example.com, net@example.com"
        assert second["References"] == first["Message-ID"] == handle
        assert "gitopsd apply --correct --target edge" in first.get_content()
        assert first["Auto-Submitted"] == "auto-generated"


def test_a_mail_that_is_sent_again_has_the_same_id(
    sink: Make, authority: tuple[ssl.SSLContext, Path]
) -> None:
    context, ca = authority
    with MailServer(context, "gitopsd", PASSWORD) as server:
        way = sink({"password": PASSWORD}, email=form(server, ca))
        for _ in range(2):
            way.deliver(messages()[0])
        assert len({mail["Message-ID"] for mail in server.mails}) == 1


def test_nothing_is_said_in_the_clear(sink: Make, authority: tuple[ssl.SSLContext, Path]) -> None:
    context, ca = authority
    with MailServer(context, "gitopsd", PASSWORD) as server:
        sink({"password": PASSWORD}, email=form(server, ca)).deliver(messages()[0])
        clear = [text.split()[1].upper() for text in server.said if text.startswith("clear")]
        assert set(clear) == {"EHLO", "STARTTLS"}


def test_a_server_without_tls_is_not_logged_in_to(sink: Make) -> None:
    with MailServer(None, "gitopsd", PASSWORD) as server:
        with pytest.raises(Misconfigured, match="does not offer"):
            sink({"password": PASSWORD}, email=form(server, None)).deliver(messages()[0])
        assert all("AUTH" not in text for text in server.said)


def test_a_certificate_of_others_is_refused(
    sink: Make, authority: tuple[ssl.SSLContext, Path]
) -> None:
    with MailServer(authority[0], "gitopsd", PASSWORD) as server:
        with pytest.raises(Misconfigured, match="certificate"):
            sink({"password": PASSWORD}, email=form(server, None)).deliver(messages()[0])
        assert server.mails == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("451 try later", Unreachable), (f"554 {PASSWORD} no", Rejected)],
)
def test_a_refusal_is_told_as_what_it_is(
    sink: Make, authority: tuple[ssl.SSLContext, Path], answer: str, kind: type[WorldError]
) -> None:
    context, ca = authority
    with MailServer(context, "gitopsd", PASSWORD) as server:
        server.refusals.append(answer)
        with pytest.raises(kind) as caught:
            sink({"password": PASSWORD}, email=form(server, ca)).deliver(messages()[0])
        assert caught.value.detail == f"send a mail: {answer.replace(PASSWORD, '***')}"
        assert PASSWORD not in f"{caught.value} {caught.value.__cause__}"


def test_a_wrong_password_is_not_told(sink: Make, authority: tuple[ssl.SSLContext, Path]) -> None:
    context, ca = authority
    with MailServer(context, "gitopsd", "another") as server:
        with pytest.raises(Unauthenticated) as caught:
            sink({"password": PASSWORD}, email=form(server, ca)).deliver(messages()[0])
        assert PASSWORD not in f"{caught.value} {caught.value.__cause__}"


def test_a_server_that_is_not_there_is_tried_again_later(sink: Make) -> None:
    with MailServer(None) as server:
        gone = form(server, None)
    with pytest.raises(Unreachable):
        sink({"password": PASSWORD}, email=gone).deliver(messages()[0])


def test_a_recipient_who_is_refused_for_good_is_named_by_number(
    sink: Make, authority: tuple[ssl.SSLContext, Path]
) -> None:
    context, ca = authority
    with MailServer(context, "gitopsd", PASSWORD) as server:
        server.recipients["net@example.com"] = "550 no such user"
        way = sink({"password": PASSWORD}, email=form(server, ca))
        with pytest.raises(Incomplete) as caught:
            way.deliver(messages()[0])
        assert caught.value.detail == "send a mail: 1 of 2 recipients are refused (550)"
        assert caught.value.handle == server.mails[0]["Message-ID"]
        assert server.envelopes == [["ops@example.com"]]


def test_a_recipient_who_is_refused_for_now_gets_it_later_and_nobody_twice_over_restarts(
    sink: Make, authority: tuple[ssl.SSLContext, Path]
) -> None:
    context, ca = authority
    with MailServer(context, "gitopsd", PASSWORD) as server:
        place = Place()
        for answers in ({"net@example.com": "451 greylisted"}, {}, {}):
            server.recipients = answers
            way: Any = sink({"password": PASSWORD}, email=form(server, ca))
            again = Place(way, place.memory)
            again.seconds, place = place.seconds, again
            place.offer(reports("tea"))
            place.run(120)
            place.seconds += 1800
        assert server.envelopes == [["ops@example.com"], ["net@example.com"]]
        assert len({mail["Message-ID"] for mail in server.mails}) == 1


@pytest.mark.parametrize(
    ("codes", "kind"), [(("550", "553"), Misconfigured), (("550", "450"), Unreachable)]
)
def test_recipients_who_are_all_refused_are_the_operators_to_mend(
    sink: Make,
    authority: tuple[ssl.SSLContext, Path],
    codes: tuple[str, str],
    kind: type[WorldError],
) -> None:
    context, ca = authority
    with MailServer(context, "gitopsd", PASSWORD) as server:
        server.recipients |= {"ops@example.com": f"{codes[0]} no", "net@example.com": codes[1]}
        with pytest.raises(kind):
            sink({"password": PASSWORD}, email=form(server, ca)).deliver(messages()[0])


@pytest.mark.parametrize("goodbye", ["421 too busy", "221 bye", "500 what"])
def test_what_a_server_says_at_the_end_changes_nothing(
    sink: Make, authority: tuple[ssl.SSLContext, Path], goodbye: str
) -> None:
    context, ca = authority
    with MailServer(context, "gitopsd", PASSWORD) as server:
        server.goodbye = goodbye
        way = sink({"password": PASSWORD}, email=form(server, ca))
        assert way.deliver(messages()[0]) == server.mails[0]["Message-ID"]

"""What no form can say: services that are named twice, secrets that are nowhere, a proxy that is
everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from zoneinfo import ZoneInfo

from gitopsd.daemon.settings.dashboard import Dashboard
from gitopsd.daemon.settings.sinks import (
    SERVICES,
    Alertmanager,
    CommitStatusSink,
    Email,
    Issues,
    Secret,
    SinkSettings,
    Slack,
    Webhook,
)
from gitopsd.ports import Misconfigured
from gitopsd.ports.addresses import Address
from gitopsd.spec.document import Path
from gitopsd.spec.forms import dotted
from gitopsd.spec.part import Part

#: Services that hold something that is looked up, and are told at once.
_AT_ONCE = frozenset({"issues", "alertmanager", "files", "commitStatus"})
#: What is wrong: where, what, and how to mend it.
Odd = tuple[Path, str, str]


def odd_dashboard(dashboard: Dashboard) -> Iterator[Odd]:
    """All that is odd about who may see the page."""
    for index, network in enumerate(dashboard.proxy.addresses if dashboard.proxy else ()):
        if ip_network(network).prefixlen == 0:
            path: Path = ("dashboard", "proxy", "addresses", index)
            what = f"{dotted(path)} believes the header of everybody, so that anybody gets in."
            yield path, what, "Name the proxy's own addresses."


def odd_sinks(sinks: Sequence[SinkSettings], repositories: frozenset[str] | None) -> Iterator[Odd]:
    """All that is odd about the sinks; `repositories` are the names that they may choose, None
    where that is not known.
    """
    names: set[str] = set()
    for index, sink in enumerate(sinks):
        path: Path = ("sinks", index)
        if sink.name in names:
            yield (*path, "name"), f"Two sinks are called {sink.name}.", "Give each its own name."
        names.add(sink.name)
        yield from _services(sink, path)
        yield from _hours(sink, path)
        for number, name in enumerate(sink.only.repositories or ()):
            if repositories is not None and name not in repositories:
                what = f"No repository is called {name}."
                mend = f"Write one of {', '.join(sorted(repositories))}."
                yield (*path, "only", "repositories", number), what, mend


def _services(sink: SinkSettings, path: Path) -> Iterator[Odd]:
    services = sink.services
    if len(services) != 1:
        named = " and ".join(services) or "none"
        what = f"{dotted(path)} must name one service, and names {named}."
        mend = f"Write one of {', '.join(SERVICES.values())}; a second service is a second sink."
        yield path, what, mend
    for key, part in services.items():
        yield from _secrets(part, (*path, key))
        yield from _address(part, (*path, key))
        if isinstance(part, Slack):
            yield from _slack(part, (*path, key))
        if isinstance(part, Email):
            yield from _email(part, (*path, key))


def _secrets(part: Part, path: Path) -> Iterator[Odd]:
    for name, info in type(part).model_fields.items():
        secret = getattr(part, name)
        if isinstance(secret, Secret) and (secret.file is None) == (secret.env is None):
            inner = (*path, info.alias or name)
            what = f"{dotted(inner)} must have either file or env."
            yield inner, what, "Write one of the two; the secret itself does not stand here."


def _address(part: Part, path: Path) -> Iterator[Odd]:
    if not isinstance(part, Alertmanager | Webhook | Issues | CommitStatusSink):
        return
    inner = (*path, "url")
    if part.url is None:
        if getattr(part, "forge", "") == "gitea":
            yield path, f"{dotted(inner)} is missing.", "Write the address of its API; it is yours."
        return
    try:
        Address.parse(part.url, about="", plain_http=part.plain_http)
    except Misconfigured as error:
        mend = f"{error.mend[:1].upper()}{error.mend[1:]}."
        yield inner, f"{dotted(inner)}: {error.detail}.", mend


def _slack(part: Slack, path: Path) -> Iterator[Odd]:
    token = part.token is not None and part.channel is not None
    if (part.webhook is None) != token:
        what = f"{dotted(path)} needs a webhook, or token and channel."
        yield path, what, "Write webhook, or both of the others."


def _email(part: Email, path: Path) -> Iterator[Odd]:
    if (part.username is None) != (part.password is None):
        what = f"{dotted(path)} needs username and password, or neither."
        yield path, what, "Write both, or remove the one."
    if part.tls == "none" and part.host not in ("127.0.0.1", "::1", "localhost"):
        what = f"{dotted(path)} sends mail over the network without TLS."
        yield (*path, "tls"), what, "Write starttls or implicit."


def _hours(sink: SinkSettings, path: Path) -> Iterator[Odd]:
    for key, given in (("quietHours", sink.quiet_hours), ("digestSeconds", sink.digest_seconds)):
        if given is not None and sink.kind in _AT_ONCE:
            what = f"{dotted((*path, key))} means nothing to {sink.kind}, which calls nobody."
            yield (*path, key), what, f"Remove {key}."
    quiet = sink.quiet_hours
    if quiet is None:
        return
    inner = (*path, "quietHours")
    if quiet.start == quiet.end:
        yield (
            inner,
            f"{dotted(inner)} end when they start.",
            "Leave them out, or give them a length.",
        )
    if not is_zone(quiet.timezone):
        what = f"{dotted((*inner, 'timezone'))} is no time zone that is known here."
        yield (*inner, "timezone"), what, "Write one such as Asia/Shanghai or UTC."


def is_zone(name: str) -> bool:
    """Whether a time zone of that name is known here."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True

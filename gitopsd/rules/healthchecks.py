"""Checks of a ServerGroup's health check: what each product accepts (facts §6.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsd.profiles.servergroups import (
    DEFAULTS,
    HEALTH_CHECKS,
    HEALTH_RANGES,
    HEALTH_TEXT_LENGTH,
    UDP_INTERVAL,
    HealthCheckFacts,
)
from gitopsd.rules.groups import unknown_word
from gitopsd.rules.table import ERROR, WARNING, Finding, Findings, Rule, listed
from gitopsd.rules.views import GroupView
from gitopsd.spec.document import Path
from gitopsd.spec.model import HealthCheck
from gitopsd.spec.wording import quoted

#: Names in a ServerGroup, where they differ from those of the model.
_NAMES = {
    "interval_seconds": "intervalSeconds",
    "timeout_seconds": "timeoutSeconds",
    "healthy_threshold": "healthyThreshold",
    "unhealthy_threshold": "unhealthyThreshold",
}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\$SERVER_IP")


def _path(field: str) -> Path:
    return ("spec", "healthCheck", _NAMES.get(field, field))


def _given(check: HealthCheck) -> Iterator[str]:
    """Settings that are given, by their name in the model."""
    for field in type(check).model_fields:
        if field != "enabled" and getattr(check, field) is not None:
            yield field


def _protocol(view: GroupView, facts: HealthCheckFacts) -> str:
    """The protocol it checks with: the API's default where none is given."""
    check = view.spec.health_check
    default = str(DEFAULTS[view.spec.product]["HealthCheckConfig"][facts.fields["protocol"]])
    return (check.protocol if check else None) or default


def numbers(view: GroupView) -> Findings:
    """A number outside its range."""
    check = view.spec.health_check
    if check is None:
        return
    udp = view.spec.product == "NLB" and check.protocol == "UDP"
    for field, usual in HEALTH_RANGES.items():
        low, high = UDP_INTERVAL if udp and field == "interval_seconds" else usual
        value = getattr(check, field)
        if value is not None and not low <= value <= high:
            yield Finding(f"{_NAMES[field]} {value} is not from {low} to {high}", _path(field))


def words(view: GroupView) -> Findings:
    """A protocol, method or code that the product does not know."""
    check = view.spec.health_check
    if check is None:
        return
    facts = HEALTH_CHECKS[view.spec.product]
    if check.protocol is not None:
        yield from unknown_word(check.protocol, facts.protocols, "protocol", _path("protocol"))
    if check.method is not None:
        yield from unknown_word(check.method, facts.methods, "method", _path("method"))
    if check.codes is not None and not check.codes:
        yield Finding("codes is empty", _path("codes"))
    if _protocol(view, facts) != "gRPC":  # its codes are the application's own numbers
        for index, code in enumerate(check.codes or []):
            yield from unknown_word(code, facts.codes, "code", (*_path("codes"), index))


def texts(view: GroupView) -> Findings:
    """A path or host that the product refuses."""
    check = view.spec.health_check
    if check is None:
        return
    facts = HEALTH_CHECKS[view.spec.product]
    path = check.path
    if path is not None:
        allowed = rf"/[A-Za-z0-9{re.escape(facts.path_characters)}]*"
        if len(path) > HEALTH_TEXT_LENGTH or not re.fullmatch(allowed, path):
            yield Finding(f"{quoted(path)} cannot be checked", _path("path"))
    host = check.host
    if host is not None and (len(host) > HEALTH_TEXT_LENGTH or not _HOST.fullmatch(host)):
        yield Finding(f"{quoted(host)} is not a host", _path("host"))


def without_effect(view: GroupView) -> Findings:
    """A setting that this kind of check does not have."""
    check = view.spec.health_check
    if check is None or not check.enabled:
        return
    facts = HEALTH_CHECKS[view.spec.product]
    protocol = _protocol(view, facts)
    if protocol in facts.http_protocols or protocol not in facts.protocols:
        return
    for field in _given(check):
        if field in facts.http:
            chosen = "checks over" if check.protocol else "checks by default over"
            yield Finding(
                f"{field} has no meaning: {view.spec.product} {chosen} {protocol}", _path(field)
            )


def switched_off(view: GroupView) -> Findings:
    """Settings of a check that is off."""
    check = view.spec.health_check
    if check is not None and not check.enabled and (given := list(_given(check))):
        names = listed(_NAMES.get(field, field) for field in given)
        yield Finding(f"the check is off; {names} is not sent", ("spec", "healthCheck", "enabled"))


RULES: tuple[Rule[GroupView], ...] = (
    Rule(
        "GX0641", ERROR, "health check out of range", numbers,
        "The API refuses the group (facts §6.2).",
        "Choose a number within the range, or leave it out for the API's default.",
    ),
    Rule(
        "GX0642", ERROR, "unknown word in a health check", words,
        "The API refuses the group (facts §6.2).",
        "Leave it out for the API's default.",
    ),
    Rule(
        "GX0643", ERROR, "health check path or host illegal", texts,
        "The API refuses the group (facts §6.2).",
        f"A path starts with /; path and host have at most {HEALTH_TEXT_LENGTH} characters and no"
        " blanks.",
    ),
    Rule(
        "GX0644", ERROR, "health check setting without meaning", without_effect,
        "The check would be a mere connection, and a server that answers with errors would count"
        " as healthy.",
        "Set protocol: HTTP under healthCheck, or remove the setting.",
    ),
    Rule(
        "GX0645", WARNING, "settings of a check that is off", switched_off,
        "They would take effect by surprise when it is switched on.",
        "Remove them, or enabled: false.",
    ),
)  # fmt: skip

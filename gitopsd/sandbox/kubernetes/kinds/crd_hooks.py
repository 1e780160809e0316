"""The rules of a definition's conversion between versions, and of the webhook it may name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from gitopsd.sandbox.kubernetes import formats
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    forbidden_value,
    invalid_value,
    required_value,
    unsupported_value,
)

_STRATEGIES: Final = ("None", "Webhook")
_FORM: Final = "; desired format: https://host[/path]"
_CLIENT: Final = "spec.conversion.webhookClientConfig"
_URL: Final = f"{_CLIENT}.url"
_REVIEWS: Final = "spec.conversion.conversionReviewVersions"
_REVIEWED: Final = ("v1", "v1beta1")
_LAST_PORT: Final = 65535


def conversion_problems(conversion: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """What is wrong with how a definition converts."""
    strategy, hook = conversion.get("strategy", ""), conversion.get("webhook") or {}
    if not strategy:
        yield required_value("spec.conversion.strategy")
    elif strategy not in _STRATEGIES:
        yield unsupported_value("spec.conversion.strategy", strategy, _STRATEGIES)
    client, reviews = hook.get("clientConfig"), hook.get("conversionReviewVersions") or []
    if strategy != "Webhook":
        why = "should not be set when strategy is not set to Webhook"
        if client is not None:
            yield forbidden_value(_CLIENT, why)
        if reviews:
            yield forbidden_value(_REVIEWS, why)
        return
    if client is None:
        yield required_value(_CLIENT, "required when strategy is set to Webhook")
    else:
        yield from _client_problems(client)
    yield from _review_problems(reviews)


def _client_problems(client: Mapping[str, Any]) -> Iterator[FieldProblem]:
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        yield required_value(_CLIENT, "exactly one of url or service is required")
    elif url is not None:
        yield from _url_problems(url)
    else:
        yield from _service_problems(service or {})


def _service_problems(service: Mapping[str, Any]) -> Iterator[FieldProblem]:
    field, port, path = f"{_CLIENT}.service", service.get("port", 0), service.get("path") or "/"
    # The server hands the two over the wrong way round, and names the one that is there.
    for member, other in (("name", "namespace"), ("namespace", "name")):
        if not service.get(other):
            yield required_value(f"{field}.{member}")
    if not 1 <= port <= _LAST_PORT:
        why = f"port is not valid: must be between 1 and {_LAST_PORT}, inclusive"
        yield invalid_value(f"{field}.port", port, why)
    if path == "/":
        return
    if path != "//" and not path.startswith("/"):
        yield invalid_value(f"{field}.path", path, "must start with a '/'")
    for index, step in enumerate(path[1:].removesuffix("/").split("/")):
        faults = formats.dns_subdomain(step) if step else []
        if not step:
            yield invalid_value(f"{field}.path", path, f"segment[{index}] may not be empty")
        for fault in faults:
            yield invalid_value(f"{field}.path", path, f"segment[{index}]: {fault}")


def _review_problems(versions: list[str]) -> Iterator[FieldProblem]:
    """Rules of the versions in which a webhook understands the server's questions."""
    if not versions:
        yield required_value(_REVIEWS)
        return
    for index, version in enumerate(versions):
        again = version in versions[:index]
        for fault in ["duplicate version"] if again else formats.dns1035_label(version):
            yield invalid_value(f"{_REVIEWS}[{index}]", version, fault)
    if not set(versions) & set(_REVIEWED):
        why = f"must include at least one of {', '.join(_REVIEWED)}"
        yield invalid_value(_REVIEWS, versions, why)


def _url_problems(url: str) -> Iterator[FieldProblem]:
    """Rules of an address that the server would call."""
    if url.startswith(":"):
        why = f'url must be a valid URL: parse "{url}": missing protocol scheme'
        yield required_value(_URL, why + _FORM)
        return
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    if parts.scheme != "https":
        why = "'https' is the only allowed URL scheme"
        yield invalid_value(_URL, parts.scheme, why + _FORM)
    if not host:
        yield invalid_value(_URL, host, "host must be specified" + _FORM)
    for given, what in (
        (user, "user information is"),
        (parts.fragment, "fragments are"),
        (parts.query, "query parameters are"),
    ):
        if given:
            yield invalid_value(_URL, given, f"{what} not permitted in the URL")

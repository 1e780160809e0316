"""The server groups that the controller makes for Services behind an Ingress (facts §4.1, §4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from gitopsd.sandbox.controllers.alb import annotations as read
from gitopsd.sandbox.controllers.alb.failures import BuildError
from gitopsd.sandbox.controllers.alb.listening import check_port, entries_of
from gitopsd.sandbox.controllers.alb.model import ServerGroup
from gitopsd.sandbox.controllers.objects import Item

_SCHEDULERS: Final = {"wrr": "Wrr", "wlc": "Wlc", "sch": "Sch", "uch": "Uch"}
_PROTOCOLS: Final = {"grpc": "GRPC", "https": "HTTPS"}


def server_group(ingress: Item, service: str, port: int) -> ServerGroup:
    """The group of a Service's port for an Ingress, whether or not the Service exists.

    Raises:
        BuildError: no Service is named, or an annotation about groups is refused.
    """
    metadata = ingress["metadata"]
    namespace, name = metadata["namespace"], metadata["name"]
    if not service:
        raise BuildError("ingress namespace, ingress name and service name cant be empty")
    _check_protocol(ingress)
    scheduler = read.raw(ingress, "backend-scheduler")
    if scheduler is not None and scheduler not in _SCHEDULERS:
        raise BuildError(f"unkown backend scheduler [{scheduler}]")
    identity = sha256(f"{namespace}/{name}-{service}:{port}".encode()).hexdigest()
    return ServerGroup(namespace, name, service, port, identity, _spec(ingress))


def _spec(ingress: Item) -> Mapping[str, Any]:
    protocol = read.raw(ingress, "backend-protocol") or ""
    return {
        "Protocol": _PROTOCOLS.get(protocol, "HTTP"),
        "Scheduler": _SCHEDULERS[read.raw(ingress, "backend-scheduler") or "wrr"],
        "ServerGroupType": "instance",
        "UpstreamKeepaliveEnabled": read.raw(ingress, "backend-keepalive") == "true",
        "StickySessionConfig": {
            "Cookie": "",
            "CookieTimeout": _number(ingress, "cookie-timeout", 1000),
            "StickySessionEnabled": read.raw(ingress, "sticky-session") == "true",
            "StickySessionType": _text(ingress, "sticky-session-type", "Insert"),
        },
        "UchConfig": {
            "Type": "QueryString",
            "Value": _text(ingress, "backend-scheduler-uch-value", ""),
        },
        "HealthCheckConfig": _health_check(ingress),
    }


def _health_check(ingress: Item) -> Mapping[str, Any]:
    return {
        "HealthCheckConnectPort": _number(ingress, "healthcheck-connect-port", 0),
        "HealthCheckEnabled": read.raw(ingress, "healthcheck-enabled") == "true",
        "HealthCheckHost": "$SERVER_IP",
        "HealthCheckHttpVersion": "HTTP1.1",
        "HealthCheckInterval": _number(ingress, "healthcheck-interval-seconds", 2),
        "HealthCheckMethod": _text(ingress, "healthcheck-method", "HEAD"),
        "HealthCheckPath": _text(ingress, "healthcheck-path", "/"),
        "HealthCheckProtocol": _text(ingress, "healthcheck-protocol", "HTTP"),
        "HealthCheckTimeout": _number(ingress, "healthcheck-timeout-seconds", 5),
        "HealthyThreshold": _number(ingress, "healthy-threshold-count", 3),
        "UnhealthyThreshold": _number(ingress, "unhealthy-threshold-count", 3),
        "HealthCheckTcpFastCloseEnabled": False,
        "HealthCheckHttpCodes": _text(ingress, "healthcheck-httpcode", "http_2xx").split(","),
        "HealthCheckCodes": ["http_2xx"],
    }


def _text(ingress: Item, name: str, default: str) -> str:
    value = read.raw(ingress, name)
    return default if value is None else value


def _number(ingress: Item, name: str, default: int) -> int:
    """A number; a text that is none is only logged by the controller, and the default used."""
    value = read.integer(read.raw(ingress, name) or "")
    return default if value is None else value


def _check_protocol(ingress: Item) -> None:
    """gRPC needs TLS and listeners that speak it, apart from a redirect on port 80."""
    if read.raw(ingress, "backend-protocol") != "grpc":
        return
    if not ingress["spec"].get("tls"):
        raise BuildError("'grpc' backend protocol must be use with TLS listener(Ingress.Spec.TLS)")
    text = read.text(ingress, "listen-ports")
    if not text:
        return
    entries, problem = entries_of(text)
    if problem:
        raise BuildError(f"failed to parse listen-ports configuration: `{text}` [{problem}]")
    if not entries:
        raise BuildError(f"empty listen-ports configuration: `{text}`")
    redirected = read.redirects_to_https(ingress)
    for protocol, port in (pair for entry in entries for pair in entry.items()):
        check_port(port)
        if protocol == "HTTP" and not (redirected and port == 80):
            raise BuildError("'grpc' backend protocol must be use TLS listener only or redirect to")
        if protocol not in ("HTTP", "HTTPS"):
            raise BuildError(f"listen protocol must be within [HTTP, HTTPS]: {protocol}")

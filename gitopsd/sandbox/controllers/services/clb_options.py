"""Tables of CLB's annotations: which field of the model each sets, and how it is read."""

from __future__ import annotations

from typing import Final

from gitopsd.sandbox.controllers.services.options import Option, Read, counted, whole


def _number(key: str, field: str, name: str = "", read: Read = counted) -> Option:
    start = f"Annotation {name or field} must be integer"
    return Option(key, field, read, f"{start}, but got [{{value}}]. message=[{{why}}] ")


def _domains(text: str) -> list[dict[str, str]]:
    """Further certificates from `domain:certificate,…`. Raises ValueError."""
    found = []
    for entry in text.split(","):
        parts = entry.strip().split(":")
        if len(parts) != 2:
            raise ValueError(f"invalid domain extension {entry.strip()}")
        found.append({"Domain": parts[0], "ServerCertificateId": parts[1]})
    return found


BALANCER: Final = (
    Option("address-type", "AddressType"),
    Option("charge-type", "InternetChargeType"),
    Option("instance-charge-type", "InstanceChargeType"),
    Option("spec", "LoadBalancerSpec"),
    Option(
        "bandwidth",
        "Bandwidth",
        counted,
        "bandwidth must be integer, got [{value}], error: {why}",
    ),
    Option("id", "LoadBalancerId"),
    Option("name", "LoadBalancerName"),
    Option("vswitch-id", "VSwitchId"),
    Option("master-zoneid", "MasterZoneId"),
    Option("slave-zoneid", "SlaveZoneId"),
    Option("resource-group-id", "ResourceGroupId"),
    Option("ip-version", "AddressIPVersion"),
    Option("delete-protection", "DeleteProtection"),
    Option("modification-protection", "ModificationProtectionStatus"),
    Option("ip", "Address"),
    Option("network-type", "NetworkType"),
)

LISTENER: Final = (
    Option("scheduler", "Scheduler"),
    _number("persistence-timeout", "PersistenceTimeout", "persistence timeout", whole),
    _number("established-timeout", "EstablishedTimeout"),
    Option("cert-id", "CertId"),
    Option("tls-cipher-policy", "TLSCipherPolicy"),
    Option("http2-enabled", "EnableHttp2"),
    Option("proxy-protocol", "EnableProxyProtocolV2", lambda text: text == "on"),
)
"""What is read before the redirect to another port; the rest comes after it."""

LISTENER_MORE: Final = (
    _number("idle-timeout", "IdleTimeout"),
    _number("request-timeout", "RequestTimeout"),
    Option("acl-status", "AclStatus"),
    Option("acl-type", "AclType"),
    Option("acl-id", "AclId"),
    Option("connection-drain", "ConnectionDrain"),
    _number("connection-drain-timeout", "ConnectionDrainTimeout"),
    Option("cookie", "Cookie"),
    _number("cookie-timeout", "CookieTimeout"),
    Option("sticky-session", "StickySession"),
    Option("sticky-session-type", "StickySessionType"),
    Option("xforwardedfor-proto", "XForwardedForProto"),
    Option("xforwardedfor-slbport", "XForwardedForSLBPort"),
    Option("xforwardedfor-clientsrcport", "XForwardedForClientSrcPort"),
    _number("healthy-threshold", "HealthyThreshold"),
    _number("unhealthy-threshold", "UnhealthyThreshold"),
    _number("health-check-connect-timeout", "HealthCheckConnectTimeout"),
    _number("health-check-connect-port", "HealthCheckConnectPort"),
    _number("health-check-interval", "HealthCheckInterval"),
    Option("health-check-domain", "HealthCheckDomain"),
    Option("health-check-uri", "HealthCheckURI"),
    Option("health-check-httpcode", "HealthCheckHttpCode"),
    Option("health-check-type", "HealthCheckType"),
    Option("health-check-flag", "HealthCheck"),
    _number("health-check-timeout", "HealthCheckTimeout"),
    Option("health-check-method", "HealthCheckMethod"),
    Option("health-check-switch", "HealthCheckSwitch"),
    Option(
        "domain-extensions", "DomainExtensions", _domains, "parse DomainExtensions error: {why}"
    ),
)

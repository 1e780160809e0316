"""Tables of NLB's annotations: which field of the model each sets, and how it is read."""

from __future__ import annotations

from typing import Final

from gitopsd.sandbox.controllers.services.options import (
    Option,
    is_on,
    listed,
    whole,
    wrapped,
    wrapped_counted,
)


def _weight(text: str) -> int:
    try:
        number = whole(text)
    except ValueError as error:
        raise ValueError(f"default weight parse error: [{error}]") from error
    if number not in range(101):
        raise ValueError(f"default weight must be integer in range [0,100] , got [{text}]")
    return number


LISTENER: Final = (
    Option("idle-timeout", "IdleTimeout", wrapped_counted, "parse IdleTimeout error: {why}"),
    Option("tls-cipher-policy", "SecurityPolicyId"),
    Option("proxy-protocol", "ProxyProtocolEnabled", is_on),
    Option("cert-id", "CertificateIds", listed),
    Option("cacert-id", "CaCertificateIds", listed),
    Option("cacert", "CaEnabled", is_on),
    Option("cps", "Cps", wrapped, "parse Mss error: {why}"),
)
PROXY: Final = (
    Option("ppv2-pvl-ep-id-enabled", "PrivateLinkEpIdEnabled", is_on),
    Option("ppv2-pvl-eps-id-enabled", "PrivateLinkEpsIdEnabled", is_on),
    Option("ppv2-pvl-vpc-id-enabled", "VpcIdEnabled", is_on),
)
LISTENER_TLS: Final = (
    Option("alpn", "AlpnEnabled", is_on),
    Option("alpn-policy", "AlpnPolicy"),
    Option("additional-cert-ids", "AdditionalCertificateIds", listed),
)
GROUP: Final = (
    (
        Option("connection-drain", "ConnectionDrainEnabled", is_on),
        Option(
            "connection-drain-timeout",
            "ConnectionDrainTimeout",
            wrapped_counted,
            "ConnectionDrainTimeout parse error: {why}",
        ),
        Option("scheduler", "Scheduler"),
        Option("preserve-client-ip", "PreserveClientIpEnabled", is_on),
        Option("resource-group-id", "ResourceGroupId"),
    ),
    (Option("default-weight", "DefaultWeight", _weight, "{why}"),),
)
"""What is read before the health check, and after it."""

HEALTH_CHECK: Final = (
    Option("health-check-type", "HealthCheckType"),
    *(
        Option(key, field, wrapped_counted, f"{field} parse error: [{{why}}]")
        for key, field in (
            ("health-check-connect-port", "HealthCheckConnectPort"),
            ("healthy-threshold", "HealthyThreshold"),
            ("unhealthy-threshold", "UnhealthyThreshold"),
            ("health-check-connect-timeout", "HealthCheckConnectTimeout"),
            ("health-check-interval", "HealthCheckInterval"),
        )
    ),
    Option("health-check-domain", "HealthCheckDomain"),
    Option("health-check-uri", "HealthCheckUrl"),
    Option("health-check-method", "HttpCheckMethod"),
    Option("health-check-httpcode", "HealthCheckHttpCode", listed),
)

"""The certificates of a listener: given, from Secrets, or found by host (facts §4.6)."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha1

from gitopsd.sandbox.controllers.alb.failures import BuildError
from gitopsd.sandbox.controllers.alb.listening import is_secure
from gitopsd.sandbox.controllers.alb.model import Certificate, ListenerKey
from gitopsd.sandbox.controllers.objects import Item, Objects
from gitopsd.sandbox.controllers.site import Site


def declared(listener: Item) -> tuple[Certificate, ...]:
    """The certificates that an AlbConfig's listener names itself."""
    return tuple(
        Certificate(each.get("CertificateId", ""), bool(each.get("IsDefault")))
        for each in listener.get("certificates") or []
    )


def certificates(
    listener: ListenerKey,
    given: Sequence[Certificate],
    ingresses: Iterable[Item],
    objects: Objects,
    site: Site,
) -> tuple[tuple[Certificate, ...], list[str]]:
    """The certificates of a listener, the first as default, and the names of those from Secrets.

    Raises:
        BuildError: a Secret is missing, or a host has no certificate.
    """
    secrets: dict[str, None] = {}
    covered: set[str] = set()
    hosts: set[str] = set()
    for ingress in ingresses:
        for tls in ingress["spec"].get("tls") or []:
            if tls.get("secretName"):
                secrets[_of_secret(ingress, tls["secretName"], objects, site)] = None
                covered.update(tls.get("hosts") or [])
            else:
                hosts.update(tls.get("hosts") or [])
        for rule in ingress["spec"].get("rules") or []:
            host = rule.get("host", "")
            if host and is_secure(ingress, listener.protocol, host):
                hosts.add(host)
    fixed = list(given)
    if not fixed:
        fixed = [Certificate(each) for each in _discovered(sorted(hosts - covered), site)]
    found = [*fixed, *(Certificate(name) for name in secrets)]
    if found:
        found[0] = Certificate(found[0].certificate_id, default=True)
    return tuple(found), list(secrets)


def _of_secret(ingress: Item, name: str, objects: Objects, site: Site) -> str:
    namespace = ingress["metadata"]["namespace"]
    secret = objects.get("Secret", f"{namespace}/{name}")
    if secret is None:
        raise BuildError(f'secrets "{name}" not found', ingress)
    data: Mapping[str, str] = secret.get("data") or {}
    parts = [base64.b64decode(data.get(key, "")) for key in ("tls.crt", "tls.key")]
    digest = sha1(site.cluster_id.encode() + b"".join(parts))  # noqa: S324 - a name, not a proof
    return f"{namespace}-{name}-{digest.hexdigest()[:6]}"


def _discovered(hosts: Sequence[str], site: Site) -> list[str]:
    found: set[str] = set()
    for host in hosts:
        fitting = {
            identity
            for identity, domains in site.certificates.items()
            if any(_covers(domain, host) for domain in domains)
        }
        if not fitting:
            raise BuildError(f"none certificate found for host: {host}")
        found |= fitting
    return sorted(found)


def _covers(domain: str, host: str) -> bool:
    names, asked = domain.lower().split("."), host.lower().split(".")
    if names[0] == "*":
        return len(names) == len(asked) and names[1:] == asked[1:]
    return names == asked

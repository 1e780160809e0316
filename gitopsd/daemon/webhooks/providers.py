"""How each provider proves that a delivery is its own, and what it calls the delivery.

| Provider | Proof | Delivery |
|---|---|---|
| GitHub | `X-Hub-Signature-256: sha256=<HMAC of the body>` | `X-GitHub-Delivery` |
| GitLab | `X-Gitlab-Token: <secret>` | `Idempotency-Key`, before that `X-Gitlab-Event-UUID` |
| Gitea, Forgejo | `X-Gitea-Signature: <HMAC of the body>` | `X-Gitea-Delivery` |
| Bitbucket | `X-Hub-Signature: sha256=<HMAC of the body>` | `X-Request-UUID`, `X-Request-Id` |
| Codeup | `X-Codeup-Token: <secret>` | none is documented |
| generic | `X-Signature: sha256=<HMAC of X-Timestamp, ".", body>` | `X-Delivery` |

All HMACs are SHA-256 in hexadecimal digits. Sources: the providers' own documentation of webhooks;
for Codeup "Webhooks settings" of Alibaba Cloud DevOps. Every comparison takes the same time however
much is right.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

#: Seconds by which the signed time of a generic delivery may differ from ours.
TOLERANCE = 300.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What arrived: headers by their names in small letters, the body, and when it arrived."""

    headers: Mapping[str, str]
    body: bytes
    at: float


class Verdict(StrEnum):
    """What a proof is worth."""

    GOOD = "good"
    MISSING = "no signature or token"
    WRONG = "the signature or token is not right"
    STALE = "the signed time is too far from now"


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider: how it proves itself with a secret, where it names the delivery, and in which
    header it signs it, "" for none.
    """

    judge: Callable[[Delivery, bytes], Verdict]
    names: tuple[str, ...]
    signature: str = ""

    def name(self, delivery: Delivery) -> str:
        """What the provider calls this delivery, "" when it does not say."""
        given = (delivery.headers.get(name, "") for name in self.names)
        return next((name[:200] for name in given if name), "")

    def proof(self, delivery: Delivery) -> str:
        """What nobody else can make another of: the signature, and the name where there is none."""
        return delivery.headers.get(self.signature, "") if self.signature else self.name(delivery)


def _digest(secret: bytes, *parts: bytes) -> str:
    made = hmac.new(secret, digestmod=hashlib.sha256)
    for part in parts:
        made.update(part)
    return made.hexdigest()


def _same(given: str, right: str) -> Verdict:
    if not given:
        return Verdict.MISSING
    equal = hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())
    return Verdict.GOOD if equal else Verdict.WRONG


def _signed(header: str, prefix: str) -> Callable[[Delivery, bytes], Verdict]:
    def judge(delivery: Delivery, secret: bytes) -> Verdict:
        given = delivery.headers.get(header, "")
        return _same(given, prefix + _digest(secret, delivery.body))

    return judge


def _token(header: str) -> Callable[[Delivery, bytes], Verdict]:
    def judge(delivery: Delivery, secret: bytes) -> Verdict:
        given = delivery.headers.get(header, "")
        if not given:
            return Verdict.MISSING
        # Digests are of one length, so that not even the secret's length can be timed.
        return _same(_digest(b"token", given.encode("utf-8", "replace")), _digest(b"token", secret))

    return judge


def _generic(delivery: Delivery, secret: bytes) -> Verdict:
    stamp = delivery.headers.get("x-timestamp", "")
    right = "sha256=" + _digest(secret, stamp.encode("utf-8", "replace"), b".", delivery.body)
    verdict = _same(delivery.headers.get("x-signature", ""), right)
    if verdict is not Verdict.GOOD:
        return verdict
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return Verdict.STALE
    return verdict if abs(int(stamp) - delivery.at) <= TOLERANCE else Verdict.STALE


def _signing(header: str, prefix: str, *names: str) -> Provider:
    """One that signs the body."""
    return Provider(_signed(header, prefix), names, header)


#: Name in the path -> provider.
PROVIDERS: Mapping[str, Provider] = {
    "github": _signing("x-hub-signature-256", "sha256=", "x-github-delivery"),
    "gitlab": Provider(_token("x-gitlab-token"), ("idempotency-key", "x-gitlab-event-uuid")),
    "gitea": _signing("x-gitea-signature", "", "x-gitea-delivery"),
    "bitbucket": _signing("x-hub-signature", "sha256=", "x-request-uuid", "x-request-id"),
    "codeup": Provider(_token("x-codeup-token"), ()),
    "generic": Provider(_generic, ("x-delivery",), "x-signature"),
}

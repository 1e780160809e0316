"""Who is calling: both signature schemes of the RPC APIs.

ACS3-HMAC-SHA256 signs headers and the body's hash; the older scheme (HMAC-SHA1, signature version
1.0) signs all parameters and carries its own in the query string. Both are verified to the last
byte, because a sandbox that lets a wrong signature pass proves nothing about the caller.
"""

from __future__ import annotations

import base64
import calendar
import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from gitopsd.sandbox.cloud.decode import parse_pairs
from gitopsd.sandbox.cloud.errors import ApiError
from gitopsd.sandbox.cloud.keys import AccessKey, KeyRing

_AUTHORIZATION = re.compile(
    r"ACS3-HMAC-SHA256 +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})"
)
_ALWAYS_SIGNED = (
    "host",
    "x-acs-action",
    "x-acs-content-sha256",
    "x-acs-date",
    "x-acs-signature-nonce",
    "x-acs-version",
)
_OLD_SCHEME = (
    "AccessKeyId",
    "Action",
    "Format",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureVersion",
    "Timestamp",
    "Version",
)
_CLOCK_SKEW = 15 * 60.0


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it arrived. Header names are in lower case; `query` and `body` are raw."""

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Identified:
    """A request whose signature holds, with the parameters left after the scheme's own.

    `sent` is when its sender believes to have signed it, in epoch seconds.
    """

    key: AccessKey
    action: str
    version: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    sent: float


@dataclass(slots=True)
class NonceBook:
    """Nonces seen within the accepted clock skew, with the time of day each was seen."""

    seen: dict[str, float] = field(default_factory=dict)

    def use(self, nonce: str, now: float) -> None:
        """Raises ApiError when the nonce was used before."""
        while self.seen:
            oldest = next(iter(self.seen))
            if now - self.seen[oldest] <= 2 * _CLOCK_SKEW:
                break
            del self.seen[oldest]
        if nonce in self.seen:
            raise ApiError("SignatureNonceUsed", "Specified signature nonce was used already.")
        self.seen[nonce] = now


def identify(message: Message, keys: KeyRing, nonces: NonceBook, now: float) -> Identified:
    """Verify the signature. `now` is the time of day in epoch seconds.

    Raises ApiError with the gateway's codes for an unknown key, a wrong or missing signature, a
    date too far away, or a nonce used twice.
    """
    query = parse_pairs(message.query)
    form = parse_pairs(message.body)
    if "authorization" in message.headers:
        return _identify_acs3(message, query, form, keys, nonces, now)
    if "Signature" in query:
        return _identify_old(message, query, form, keys, nonces, now)
    raise ApiError("MissingAccessKeyId", "AccessKeyId is mandatory for this action.")


def _identify_acs3(
    message: Message,
    query: dict[str, str],
    form: dict[str, str],
    keys: KeyRing,
    nonces: NonceBook,
    now: float,
) -> Identified:
    headers = message.headers
    match = _AUTHORIZATION.fullmatch(headers["authorization"].strip())
    if match is None:
        raise _incomplete("the Authorization header does not have the documented form")
    credential, listed, signature = match.groups()
    signed = listed.split(";")
    absent = [name for name in _ALWAYS_SIGNED if name not in signed or name not in headers]
    if absent:
        raise _incomplete(f"not signed: {', '.join(absent)}")
    key = keys.find(credential, headers.get("x-acs-security-token"))
    body_hash = hashlib.sha256(message.body).hexdigest()
    canonical = "\n".join(
        (
            message.method,
            message.path,
            _canonical(query),
            "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in sorted(signed)),
            ";".join(sorted(signed)),
            body_hash,
        )
    )
    to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    expected = hmac.new(key.secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    if headers["x-acs-content-sha256"] != body_hash or not hmac.compare_digest(expected, signature):
        raise _does_not_match()
    sent = _moment(headers["x-acs-date"])
    check_skew(sent, now)
    nonces.use(headers["x-acs-signature-nonce"], now)
    return Identified(key, headers["x-acs-action"], headers["x-acs-version"], query, form, sent)


def _identify_old(
    message: Message,
    query: dict[str, str],
    form: dict[str, str],
    keys: KeyRing,
    nonces: NonceBook,
    now: float,
) -> Identified:
    own = {name: query.pop(name) for name in _OLD_SCHEME if name in query}
    needed = ("AccessKeyId", "Action", "SignatureNonce", "Timestamp", "Version")
    absent = [name for name in needed if name not in own]
    if absent:
        raise _incomplete(f"missing: {', '.join(absent)}")
    if own.get("SignatureMethod") != "HMAC-SHA1" or own.get("SignatureVersion") != "1.0":
        raise _incomplete("only HMAC-SHA1 of signature version 1.0 is known")
    key = keys.find(own["AccessKeyId"], own.get("SecurityToken"))
    signature = own.pop("Signature")
    to_sign = f"{message.method}&%2F&{_escape(_canonical({**own, **query, **form}))}"
    digest = hmac.new(f"{key.secret}&".encode(), to_sign.encode(), hashlib.sha1).digest()
    if not hmac.compare_digest(base64.b64encode(digest), signature.encode()):
        raise _does_not_match()
    sent = _moment(own["Timestamp"])
    check_skew(sent, now)
    nonces.use(own["SignatureNonce"], now)
    return Identified(key, own["Action"], own["Version"], query, form, sent)


def _canonical(pairs: Mapping[str, str]) -> str:
    return "&".join(f"{_escape(name)}={_escape(pairs[name])}" for name in sorted(pairs))


def _escape(text: str) -> str:
    return quote(text, safe="~")


def _moment(text: str) -> float:
    try:
        return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError as error:
        raise ApiError(
            "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted."
        ) from error


def check_skew(sent: float, now: float) -> None:
    """Refuse a request whose sender's clock and ours are too far apart. Raises ApiError."""
    if abs(sent - now) > _CLOCK_SKEW:
        raise ApiError("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")


def _does_not_match() -> ApiError:
    return ApiError("SignatureDoesNotMatch", "Specified signature does not match our calculation.")


def _incomplete(why: str) -> ApiError:
    return ApiError(
        "IncompleteSignature",
        f"The request signature does not conform to Aliyun standards: {why}.",
    )

"""Access keys and what each may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from gitopsd.sandbox.cloud.errors import ApiError, Product, forbidden

EVERYTHING = ("*",)
READ_ONLY = ("*:List*", "*:Get*")


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key pair. `allow` are patterns over `<product>:<action>`, as in a RAM policy.

    `security_token` belongs to temporary credentials: without it such a key is refused.
    """

    access_key_id: str
    secret: str
    allow: tuple[str, ...] = EVERYTHING
    security_token: str | None = None

    def check(self, product: Product, action: str) -> None:
        """Raises ApiError (403, with AccessDeniedDetail) when the key has no such right."""
        name = f"{product}:{action}"
        if not any(fnmatchcase(name, pattern) for pattern in self.allow):
            raise forbidden(product, action, self.access_key_id)


@dataclass(slots=True)
class KeyRing:
    """All keys that the sandbox knows."""

    keys: dict[str, AccessKey] = field(default_factory=dict)

    def add(
        self,
        access_key_id: str,
        secret: str,
        allow: Iterable[str] = EVERYTHING,
        security_token: str | None = None,
    ) -> AccessKey:
        """Add a key, or change one of the same id."""
        key = AccessKey(access_key_id, secret, tuple(allow), security_token)
        self.keys[access_key_id] = key
        return key

    def find(self, access_key_id: str, security_token: str | None) -> AccessKey:
        """Raises ApiError for an unknown key or a security token that is not the key's."""
        key = self.keys.get(access_key_id)
        if key is None:
            raise ApiError("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
        if key.security_token != security_token:
            raise ApiError(
                "InvalidSecurityToken.MismatchWithAccessKey",
                "Specified SecurityToken mismatch with the AccessKey.",
            )
        return key

"""The address of a service: what the operator named, and the only place requests go to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from gitopsd.ports.errors import Misconfigured

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
#: What stands in a path and a query; anything else has to be percent-encoded.
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Address:
    """Scheme, host and port of a service, and the path that goes before each request's own.

    The path and the query may hold a secret (a chat's webhook), so that only `host` is ever shown.
    """

    scheme: str
    host: str
    port: int
    path: str = field(default="", repr=False)
    query: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str, *, about: str, plain_http: bool = False) -> Address:
        """Read a URL. `plain_http` allows http beyond loopback, where it protects nothing.

        Raises Misconfigured, which names `about` and never repeats the URL.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise _refused(about, "cannot be read as a URL") from error
        scheme = parts.scheme.lower()
        if scheme not in _PORTS:
            raise _refused(about, "starts with neither https:// nor http://")
        if parts.username is not None or parts.password is not None:
            raise _refused(about, "holds credentials before the host: give them as a file")
        if not _HOST.fullmatch(host):
            raise _refused(about, "has no host that can be used")
        if not (_PATH.fullmatch(parts.path) and _PATH.fullmatch(parts.query)) or parts.fragment:
            raise _refused(about, "holds characters that a URL may not hold, or a #")
        if scheme == "http" and host not in _LOOPBACK and not plain_http:
            raise _refused(about, "is http, which is allowed on loopback only")
        return cls(scheme, host, port or _PORTS[scheme], parts.path.rstrip("/"), parts.query)

    @property
    def origin(self) -> str:
        """Scheme, host and port, as people write them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (
            "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        )

    def within(self, base: str, link: str) -> str | None:
        """Path and query that `link`, found in an answer to `base`, leads to; None: elsewhere."""
        try:
            parts = urlsplit(urljoin(self.origin + base, link))
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            return None
        if (parts.scheme, parts.hostname, port) != (self.scheme, self.host.lower(), self.port):
            return None
        if parts.username is not None or not _PATH.fullmatch(parts.path):
            return None
        return parts.path + (f"?{parts.query}" if parts.query else "")


def _refused(about: str, why: str) -> Misconfigured:
    return Misconfigured(about, f"its address {why}", "write https://HOST/PATH")

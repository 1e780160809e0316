"""Who may speak to the sandbox: tokens, keys, certificates, and the kubeconfig that names them."""

from __future__ import annotations

import base64
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes.certificates import make_certificates
from gitopsd.sandbox.kubernetes.files import write_private

CONTEXT: Final = "gitopsd-sandbox"
RESTRICTED_CONTEXT: Final = "gitopsd-sandbox-restricted"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a sandbox makes up once: bearer tokens, the cloud's access key, and certificates."""

    admin: str
    restricted: str
    access_key_id: str
    access_key_secret: str
    authority: str
    certificate: str
    key: str

    @classmethod
    def new(cls) -> Secrets:
        """Fresh ones, from the operating system's randomness."""
        made = make_certificates()
        return cls(
            admin=secrets.token_hex(16),
            restricted=secrets.token_hex(16),
            access_key_id="LTAI" + secrets.token_hex(8),
            access_key_secret=secrets.token_hex(15),
            authority=made.authority,
            certificate=made.certificate,
            key=made.key,
        )


def load_secrets(directory: Path) -> Secrets:
    """Those of the last run in this directory; if there was none, new ones, which it keeps."""
    path = directory / "secrets.json"
    if path.exists():
        return Secrets(**orjson.loads(path.read_bytes()))
    made = Secrets.new()
    write_private(path, orjson.dumps(asdict(made)))
    return made


def kubeconfig(server: str, authority: str, tokens: dict[str, str]) -> dict[str, Any]:
    """A kubeconfig with a context for each of the two users; the administrator's is current."""
    users = {CONTEXT: tokens["admin"], RESTRICTED_CONTEXT: tokens["restricted"]}
    encoded = base64.b64encode(authority.encode()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": CONTEXT,
                "cluster": {"server": server, "certificate-authority-data": encoded},
            }
        ],
        "users": [{"name": name, "user": {"token": token}} for name, token in users.items()],
        "contexts": [
            {"name": name, "context": {"cluster": CONTEXT, "user": name}} for name in users
        ],
        "current-context": CONTEXT,
    }

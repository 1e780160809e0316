"""Names of things: what a spec, an object or a server group is called wherever it stands."""

from __future__ import annotations

from dataclasses import dataclass

#: Kinds that users write.
EXPOSURE = "Exposure"
SERVER_GROUP = "ServerGroup"
FLEET = "Fleet"
#: Kinds that gitopsd makes in a cluster. (`ServerGroup` is also what it makes in the cloud.)
SERVICE = "Service"
INGRESS = "Ingress"


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """Kind, namespace and name: the same thing keeps it wherever its file moves (design §2)."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}"

    @property
    def key(self) -> str:
        """`namespace/name`, as references and the group tag write it."""
        return f"{self.namespace}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> Identity:
        """Read `KIND/NAMESPACE/NAME`; raises ValueError that says what is expected."""
        parts = text.split("/")
        if len(parts) != 3 or not all(parts):
            raise ValueError(f"{text!r} is not KIND/NAMESPACE/NAME, for example Service/shop/tea")
        return cls(*parts)

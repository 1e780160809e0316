"""How building an ALB's model ends badly, inside this package; `build` turns them into values."""

from __future__ import annotations

from gitopsd.sandbox.controllers.objects import Item

NIL: str = "runtime error: invalid memory address or nil pointer dereference"


class BuildError(Exception):
    """The manifest is refused with a message.

    `ingress` is the Ingress to blame (None: all of them), `told` what its event says when that is
    shorter than the message.
    """

    def __init__(self, message: str, ingress: Item | None = None, told: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.ingress = ingress
        self.told = message if told is None else told


class Panic(Exception):
    """The controller trips over the manifest: nothing is reported and nothing happens."""

    def __init__(self, message: str = NIL) -> None:
        super().__init__(message)
        self.message = message

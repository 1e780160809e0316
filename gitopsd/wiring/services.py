"""From settings to services that people read: forges."""

from __future__ import annotations

import os

import gitopsd
from gitopsd.config import ForgeKind, ForgeSettings
from gitopsd.ports import Forge, Limits, Meter, Misconfigured


def open_forge(
    settings: ForgeSettings, *, meter: Meter | None = None, patience: float = 30.0
) -> Forge:
    """A repository at GitHub, GitLab or Gitea; nothing is asked yet.

    `patience` is for how many seconds a forge that asks for patience is waited for. Raises
    Misconfigured and Unauthenticated for settings that cannot be right.
    """
    from gitopsd.adapters.forges import FORGES
    from gitopsd.adapters.patience import Patience
    from gitopsd.adapters.web import Address, Bounds, Caller, Web, checked_secret, read_secret

    forge = FORGES[settings.kind]
    about = f"{settings.repository} at {forge.NAME}"
    url = settings.url or forge.DEFAULT_URL
    if not url:
        raise Misconfigured(about, "its address is missing", "name the address of the API")
    if settings.token_file is not None:
        token = read_secret(settings.token_file, about)
    else:
        token = checked_secret(_variable(settings.token_variable), about, "the token")
    caller = Caller(
        about, forge.NAME, f"gitopsd/{gitopsd.__version__}", forge.headers(token), (token,)
    )
    web = Web(
        Address.parse(url, about=about, plain_http=settings.plain_http),
        caller,
        Bounds(pace=forge.PACE),
        ca_file=settings.ca_file,
        patience=Patience(budget=patience),
        meter=meter,
    )
    return forge(web, settings.repository)


def about_forge(kind: ForgeKind) -> tuple[str, Limits]:
    """How a kind of forge is called, and how much it takes."""
    from gitopsd.adapters.forges import FORGES

    forge = FORGES[kind]
    return forge.NAME, forge.limits


def _variable(name: str | None) -> str:
    return os.environ.get(name, "") if name else ""

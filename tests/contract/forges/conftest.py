"""A stand-in for each forge, and our client for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gitopsd.adapters.forges import FORGES
from gitopsd.config import ForgeSettings
from gitopsd.ports import Forge
from gitopsd.wiring.services import open_forge
from tests.contract.forges.gitlab import GitLabReceiver
from tests.contract.forges.receiving import Account
from tests.contract.forges.repos import GiteaReceiver, GitHubReceiver

TOKEN, STRANGER = "s3cr3t-token", "another-token"
RECEIVERS: dict[str, type[Any]] = {
    "github": GitHubReceiver,
    "gitlab": GitLabReceiver,
    "gitea": GiteaReceiver,
}


@dataclass
class Meeting:
    """A forge, and us there."""

    kind: str
    receiver: Any
    folder: Path

    def client(self, token: str = TOKEN) -> Forge:
        """A client that knows nothing yet, as after a restart."""
        file = self.folder / f"token-{token}"
        file.write_text(f"{token}\n")
        settings = ForgeSettings(self.kind, "acme/exposures", file, url=self.receiver.url)  # type: ignore[arg-type]
        return open_forge(settings)


@pytest.fixture(params=sorted(RECEIVERS))
def meeting(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Meeting]:
    for forge in FORGES.values():
        monkeypatch.setattr(forge, "PACE", 0.0)
    with RECEIVERS[request.param]() as receiver:
        receiver.accounts[TOKEN] = Account(41, "gitopsd")
        receiver.accounts[STRANGER] = Account(66, "stranger")
        yield Meeting(request.param, receiver, tmp_path)

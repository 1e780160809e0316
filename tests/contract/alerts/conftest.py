"""Messages as the rules make them, and sinks as the settings name them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitopsd.alerts import Rules, Style
from gitopsd.daemon.settings import SinkSettings, read_settings
from gitopsd.model.message import Message
from gitopsd.model.verdict import Attribution, Verdict
from gitopsd.ports import Sink
from gitopsd.wiring.sinks import open_sink
from tests.unit.alerts.hours import Hours, drift, edited, verdict

#: Written by somebody who would like to call everybody and have a picture loaded.
NASTY = "<!channel> <@all> @everyone `x` ![p](http://evil.example/p) <at id=all></at>\u202e"


def messages(style: Style = Style.STREAM, **changes: Any) -> list[Message]:
    """What is told of a drift from its beginning to its end, with values that mean harm."""

    def world(now: Any) -> list[Verdict]:
        on = hours.now < hours.begun + timedelta(minutes=20)
        who = Attribution(NASTY, "Update", "2026-11-22T09:00:00Z")
        return [verdict("tea", drift("tea", NASTY, who=who)) if on else verdict("tea")]

    hours = Hours(edited(Rules("ops", style), **changes), world)
    hours.begun = hours.now  # type: ignore[attr-defined]
    hours.run(timedelta(hours=1))
    return [message for _, message in hours.messages] + hours.silent


@pytest.fixture
def sink(tmp_path: Path) -> Callable[..., Sink]:
    """Makes a sink out of settings; texts in `secrets` are put into files of that name."""

    def make(secrets: dict[str, str] | None = None, **service: Any) -> Sink:
        for name, text in (secrets or {}).items():
            (tmp_path / name).write_text(text + "\n")
        return open_sink(settings(tmp_path, **service))

    return make


def settings(folder: Path, **service: Any) -> SinkSettings:
    """A sink's settings, read as the operator reads them; `file: NAME` is a file in the folder."""

    def placed(value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"file"}:
                return {"file": str(folder / value["file"])}
            return {key: placed(inner) for key, inner in value.items()}
        return value

    repository = {"name": "shop", "url": "https://git.example.com/a.git"}
    content = {"repositories": [repository], "sinks": [{"name": "ops", **placed(service)}]}
    found, problems = read_settings(yaml.safe_dump(content).encode(), "gitopsd.yaml")
    assert found is not None, [problem.what for problem in problems]
    return found.sinks[0]

"""What the operator is told: one file, `gitopsd.yaml`.

What belongs here: the form of that file, its JSON Schema, and reading it into values, every mistake
with its line and column. What does not: secrets (the file names the files that hold them), and what
belongs to a fleet and is written in its `fleet.yaml`.
"""

from gitopsd.daemon.settings.dashboard import Dashboard, TrustedProxy
from gitopsd.daemon.settings.fitting import Unfit, fitting
from gitopsd.daemon.settings.form import (
    Credentials,
    OperatorSettings,
    Repository,
    Schedule,
    Signatures,
    TightenedGuards,
    Tracing,
    Webhook,
    Window,
)
from gitopsd.daemon.settings.reading import read_settings, settings_schema
from gitopsd.daemon.settings.sinks import Secret, SinkSettings

__all__ = [
    "Credentials",
    "Dashboard",
    "OperatorSettings",
    "Repository",
    "Schedule",
    "Secret",
    "Signatures",
    "SinkSettings",
    "TightenedGuards",
    "Tracing",
    "TrustedProxy",
    "Unfit",
    "Webhook",
    "Window",
    "fitting",
    "read_settings",
    "settings_schema",
]

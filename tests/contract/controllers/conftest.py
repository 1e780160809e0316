"""The stage of the loops' tests, here too."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.controllers.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()

"""Stages for tests of the controllers' loops."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.controllers.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()

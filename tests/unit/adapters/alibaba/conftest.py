"""A product's API with scripted answers in the place of the SDK, and a clock moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gitopsd.adapters.alibaba import Pace
from gitopsd.adapters.alibaba.actions import Action
from gitopsd.adapters.alibaba.api import ProductApi
from gitopsd.model.desired import Product

Answer = dict[str, Any] | Exception


class HandClock:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Script:
    """Answers each operation from its own list of answers; the last one for ever."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.answers: dict[str, list[Answer]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def says(self, operation: str, *answers: Answer) -> None:
        self.answers[operation] = list(answers)

    def call(self, action: Action, parameters: Mapping[str, Any], about: str) -> dict[str, Any]:
        self.calls.append((action.name, dict(parameters)))
        waiting = self.answers[action.name]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def asked(self, operation: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.calls if name == operation]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def script(clock: HandClock) -> Script:
    return Script(clock)


@pytest.fixture
def api(script: Script) -> Callable[[Product], ProductApi]:
    def make(product: Product) -> ProductApi:
        clock = script.clock
        pace = Pace(rate=1000, burst=1000, clock=clock, sleep=clock.sleep, jitter=lambda: 1.0)
        return ProductApi(product, "cn-hangzhou", lambda: script, pace)

    return make

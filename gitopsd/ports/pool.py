"""Threads whose work belongs to what started it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Pool(ThreadPoolExecutor):
    """A pool in which work has the context variables of who submitted it: `ports.Tracer` tells by
    them what a call to an API is a part of.
    """

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """See `Executor.submit`."""
        work = partial(fn, *args, **kwargs)
        return super().submit(copy_context().run, work)

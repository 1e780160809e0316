"""The clock that leases are counted by."""

from __future__ import annotations

import time


def elapsed() -> float:
    """Seconds by a clock that goes on while the machine sleeps, where there is one."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)

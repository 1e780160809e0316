"""Cron expressions, as APScheduler reads them."""

from __future__ import annotations

from datetime import UTC

from apscheduler.triggers.cron import CronTrigger


def cron_problem(text: str) -> str:
    """Why this is no cron expression; "" when it is one."""
    try:
        CronTrigger.from_crontab(text, timezone=UTC)
    except ValueError as error:
        return str(error)
    return ""

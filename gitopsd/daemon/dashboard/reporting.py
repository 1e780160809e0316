"""Drift reports with what a person can do about them, as JSON."""

from __future__ import annotations

from typing import Any

from gitopsd.daemon.dashboard.views import TargetView
from gitopsd.drift.remedies import remedies
from gitopsd.drift.render import Words
from gitopsd.model.approval import by_instance
from gitopsd.model.report import DriftReport


def report_json(report: DriftReport, target: TargetView, words: Words) -> dict[str, Any]:
    """A report of a target, and by `remedies` why one would do what: the commands to type."""
    found: dict[str, list[str]] = {}
    for remedy in remedies(report, by_instance(target.order.named)):
        commands = found.setdefault(words(f"remedy.{remedy.kind}"), [])
        commands += [remedy.command] if remedy.command else []
    told = [{"why": why, "commands": commands} for why, commands in found.items()]
    return {**report.to_json(), "remedies": told}

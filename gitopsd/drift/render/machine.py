"""A page as JSON: what `gitopsd schema drift` describes for one target."""

from __future__ import annotations

from typing import Any

from gitopsd.drift.render.page import Page


def page_json(page: Page) -> dict[str, Any]:
    """Verdicts and gaps, the routes with their shares, and the reports kept of the target."""
    return {
        **page.assessment.to_json(),
        "routes": [route.to_json() for route in page.routes],
        "reports": [report.to_json() for report in page.reports],
    }

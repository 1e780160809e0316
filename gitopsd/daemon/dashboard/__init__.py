"""The page that the operator shows: how every Exposure stands, read-only, out of memory.

What belongs here: keeping what a pass has left (`views`), telling it as JSON, who may see it, and
the page's own files (`assets`). What does not: any way to change something, asking a cluster or the
cloud anything, and judging how things stand (`status`, `drift`).
"""

from gitopsd.daemon.dashboard.app import DashboardApp
from gitopsd.daemon.dashboard.views import Views

__all__ = ["DashboardApp", "Views"]

"""Drift reports kept without a cluster: a folder of files.

What belongs here: places of their own for reports. What does not: reports as custom resources (the
Kubernetes client has its one home in `adapters.kubernetes`), rendering them, or deciding about
their life (`drift.life`).
"""

from gitopsd.adapters.reports.folder import ReportFolder

__all__ = ["ReportFolder"]

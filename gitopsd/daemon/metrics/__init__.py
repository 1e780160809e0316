"""The operator's numbers for Prometheus.

What belongs here: which metrics there are (`families`, data), counting what happens (`counts`), and
what is read off the operator whenever somebody asks (`standing`). What does not: deciding anything
by a number, and knowledge of how an API is called: adapters tell a `ports.Meter`.
"""

from gitopsd.daemon.metrics.counts import Counts
from gitopsd.daemon.metrics.page import MetricsPage, Recent
from gitopsd.daemon.metrics.standing import Standing

__all__ = ["Counts", "MetricsPage", "Recent", "Standing"]

"""What the ALB Ingress controller makes of Ingresses (design §7, facts §4, §5).

Here belong: pure functions from Kubernetes objects to listeners, rules, server groups and their
servers, or to the error, panic or crash that the real controller answers with, and how much stops.
Here do not belong: watching, writing, the cloud, and what the cloud's API refuses.
"""

from gitopsd.sandbox.controllers.alb.outcome import ConfigOutcome, Outcome
from gitopsd.sandbox.controllers.alb.reconciling import build

__all__ = ["ConfigOutcome", "Outcome", "build"]

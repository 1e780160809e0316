"""What the controllers of Alibaba Cloud say of their work, in Events (facts §1.6 and §2.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

#: Reasons of the Warnings by which they say that they could not do what an object asks for: the ALB
#: Ingress controller, then the cloud controller.
FAILED: Final = frozenset(
    {"FailedBuildModel", "FailedApplyModel", "FailedUpdateEndpoints", "SyncLoadBalancerFailed"}
)
#: Reasons by which they say that it is done.
DONE: Final = frozenset({"SuccessfullyReconciled", "EnsuredLoadBalancer"})
#: The kind, not of ours, that the ALB Ingress controller tells its work on a whole ALB of.
ALB_CONFIG: Final = "AlbConfig"
#: A failure is tried again, at the latest after 1,000 seconds (the work queue's default), and told
#: again then. What was told so long ago and never since is over: success is not told of everything.
OVER_AFTER: Final = timedelta(minutes=30)

"""What the cloud controller makes of LoadBalancer Services (design §7, facts §1-§3).

Here belong: pure functions from a Service, its endpoints and the nodes to a CLB or NLB with
listeners, groups and servers, or to the error the real controller answers with. Here do not belong:
watching, writing, the cloud, and what the cloud's API refuses.
"""

from gitopsd.sandbox.controllers.services.account import Account, Balancer, Group
from gitopsd.sandbox.controllers.services.building import build, closing
from gitopsd.sandbox.controllers.services.outcome import Outcome
from gitopsd.sandbox.controllers.services.taking import is_wanted, taker

__all__ = ["Account", "Balancer", "Group", "Outcome", "build", "closing", "is_wanted", "taker"]

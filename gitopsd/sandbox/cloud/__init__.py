"""The ALB and NLB APIs of the sandbox, served over the wire as the real ones (design §7).

Here belong: the operations as data, decoding and signatures, the semantics of server groups, jobs
and tags, faults, and the in-process way in for tests and for the controllers' stand-ins. Here do
not belong: the Kubernetes side of the sandbox, starting servers, and anything of gitopsd's own
adapters, compiler or diff, whose mistakes must not be shared.
"""

from gitopsd.sandbox.cloud.cloud import SEEDED_ALB, SEEDED_VPC, Cloud
from gitopsd.sandbox.cloud.errors import Product
from gitopsd.sandbox.cloud.faults import Fault
from gitopsd.sandbox.cloud.world import Settings

__all__ = ["SEEDED_ALB", "SEEDED_VPC", "Cloud", "Fault", "Product", "Settings"]

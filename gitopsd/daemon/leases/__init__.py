"""One writer per target: the election for a target's Lease, and the term that it gives.

What belongs here: when to bid, renew and give up (`election`, pure), how replicas share the targets
(`sharing`), the object that writers ask before each write (`tenure`), and the operator's thread
that keeps the lease for as long as there is work (`keeper`). What does not: the Lease's form in
Kubernetes, which is an adapter's, and what is done with a term.
"""

from gitopsd.daemon.leases.election import BRISK, PATIENT, LeaseTimes, Standing
from gitopsd.daemon.leases.sharing import Share
from gitopsd.daemon.leases.tenure import Tenure

__all__ = ["BRISK", "PATIENT", "LeaseTimes", "Share", "Standing", "Tenure"]

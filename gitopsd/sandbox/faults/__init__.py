"""Faults to order: one way to write them, for the Kubernetes side and for the cloud's.

What belongs here: the syntax in which a person orders a fault, and the desk that hands an order to
the side that plays it. What does not: playing a fault; each side does that itself, in
`kubernetes.faults` and `cloud.faults`, and tests of the same process may use those directly.
"""

from gitopsd.sandbox.faults.desk import FaultDesk, check_order
from gitopsd.sandbox.faults.syntax import KINDS, FaultSyntaxError, Order

__all__ = ["KINDS", "FaultDesk", "FaultSyntaxError", "Order", "check_order"]

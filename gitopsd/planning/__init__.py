"""From differences to a plan: what to do, in which order, and what to hold back.

What belongs here: turning a comparison into steps, their order and dependencies, the guards that
take steps out, and the form of a plan on paper and in a file. What does not: comparing (`diff`),
judging (`drift`), doing (`engine`). All of it is pure: the same comparison gives the same plan.
"""

from gitopsd.planning.options import PlanOptions
from gitopsd.planning.planner import make_plan

__all__ = ["PlanOptions", "make_plan"]

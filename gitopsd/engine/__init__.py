"""One pass at one target: observe, compare, plan, and carry the plan out.

What belongs here: calling the pure packages and the ports in the right order, and executing a plan
step by step. What does not: decisions (they are in the plan already), knowledge of any product or
library (adapters have it), or choosing adapters (`wiring` does).

Nothing is imported here: a plan is made without what carries it out or keeps its reports.
"""

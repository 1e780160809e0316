"""Specs become the desired state, and every field knows why it has its value (design §3).

What belongs here: making Services, Ingresses and server groups out of checked specs; deciding which
documents are held; the rules by which values are chosen (`RULES`, one sentence each); rendering the
outcome. What does not: judging specs (`rules`), facts about the cloud (`profiles`), anything known
only by looking at a cluster or an account (`diff`, `planning`).

A document reaches this package's functions only when no check found an error in it.
"""

from gitopsd.compiler.catalogue import RULES, CompileRule
from gitopsd.compiler.memory import CompileMemory
from gitopsd.compiler.state import compile_specs

__all__ = ["RULES", "CompileMemory", "CompileRule", "compile_specs"]

"""gitopsd: Exposures in Git become Services, Ingresses and server groups, and stay so.

The packages below stand in the order in which a change travels; `docs/architecture.md` draws it.
"""

__version__ = "0.1.0"

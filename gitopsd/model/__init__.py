"""Values that travel through the program: immutable, comparable, without behaviour of their own.

What belongs here: what is wanted, what is found, how the two differ, what is to be done, and how
we mark what is ours. What does not: reading or writing anything, clocks, logging, decisions about
Alibaba Cloud or Kubernetes (those are facts in `profiles` or rules in `compiler` and `planning`).
Everybody may import this package; it imports nothing of ours.

Manifests are plain JSON values (`dict`, `list`, `str`, `int`, `bool`, `None`). They are shared
between values and never changed in place.
"""

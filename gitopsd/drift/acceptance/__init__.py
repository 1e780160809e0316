"""Taking drift back into Git: a difference becomes the smallest edit of the spec that ends it.

What belongs here: proposing edits for what was found at a target (`layer4`, `routes`, `servers`),
trying them by compiling and comparing (`trial`), and proving what came of it (`accepting`). What
does not: how a text is edited (`spec.editing`), files, Git, and deciding what to accept.

A compiled field does not say which spec would have made it, so proposals may be wrong, and nothing
rests on their being right: one that does not end the difference, or moves anything else, is
dropped.
"""

from gitopsd.drift.acceptance.accepting import Acceptance, Refused, accept
from gitopsd.drift.acceptance.trial import Scene

__all__ = ["Acceptance", "Refused", "Scene", "accept"]

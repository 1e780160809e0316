"""Plans and outcomes as texts for people: for a terminal, and as Markdown for a pull request.

What belongs here: wording, order and layout of what a `Plan` or an `Outcome` already says. What
does not: deciding, counting anything that the plan does not hold, or writing to a terminal.
"""

from gitopsd.planning.render.essence import is_new
from gitopsd.planning.render.markdown import outcome_markdown, plan_markdown
from gitopsd.planning.render.outcome import outcome_text
from gitopsd.planning.render.sections import action, summary
from gitopsd.planning.render.text import plan_text

__all__ = [
    "action",
    "is_new",
    "outcome_markdown",
    "outcome_text",
    "plan_markdown",
    "plan_text",
    "summary",
]

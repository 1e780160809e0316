"""Drift on paper: for a terminal, as Markdown, as JSON, as one HTML page, and a route as a drawing.

What belongs here: how verdicts, reports and routes read, in English and Chinese. What does not:
judging (`drift`), and where a text is sent to.
"""

from gitopsd.drift.render.html import page_html
from gitopsd.drift.render.language import LANGUAGES, Language, Words
from gitopsd.drift.render.machine import page_json
from gitopsd.drift.render.markdown import page_markdown
from gitopsd.drift.render.page import Page
from gitopsd.drift.render.phrases import summary
from gitopsd.drift.render.svg import route_figures, route_svg
from gitopsd.drift.render.text import page_text

__all__ = [
    "LANGUAGES",
    "Language",
    "Page",
    "Words",
    "page_html",
    "page_json",
    "page_markdown",
    "page_text",
    "route_figures",
    "route_svg",
    "summary",
]

"""Showing how targets stand: text, Markdown or one HTML page, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from gitopsd.cli.lazy import SectionOption
from gitopsd.cli.options import Call, Decorator

if TYPE_CHECKING:
    from gitopsd.cli.targets import Failure
    from gitopsd.drift.render import Language, Page

#: Forms of `gitopsd drift -o`, the default first.
FORMS = ("text", "json", "markdown", "html")


def language_option() -> Decorator:
    """The option `--lang`: the language of what is for people."""
    return click.option(
        "--lang", "language", cls=SectionOption, type=click.Choice(("en", "zh")), default="en",
        show_default=True, help="Language of text, markdown and html.",
    )  # fmt: skip


def show_pages(
    call: Call, pages: Sequence[Page], failures: Sequence[Failure], form: str, language: Language
) -> None:
    """Print what is known of the targets.

    An HTML page is read by itself, so it also says which targets could not be looked at; in the
    other forms that is told beside them, as of every command.
    """
    from gitopsd.cli.problems import base_of
    from gitopsd.drift.render import Words, page_html, page_markdown, page_text

    terminal, words = call.terminal, Words(language)
    if form == "html":
        seen = {page.assessment.target for page in pages}
        unseen = [_unseen(failure) for failure in failures if failure.target not in seen]
        terminal.out(page_html([*pages, *unseen], words).rstrip("\n"))
        return
    texts = [
        page_markdown(page, words)
        if form == "markdown"
        else page_text(
            page,
            words,
            palette=terminal.palette,
            width=terminal.width,
            full=terminal.verbose,
            base=base_of(call.settings.source),
        )
        for page in pages
    ]
    if texts:
        terminal.out("\n\n".join(texts))


def _unseen(failure: Failure) -> Page:
    """The page of a target of which nothing is known but why."""
    from gitopsd.drift.render import Page
    from gitopsd.model.observed import Gap
    from gitopsd.model.verdict import Assessment

    return Page(Assessment(failure.target, (), (Gap(failure.target, str(failure.error)),)))

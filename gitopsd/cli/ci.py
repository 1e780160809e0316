"""`gitopsd ci`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gitopsd.cli.failures import Refusal
from gitopsd.cli.forges import SECTION, ForgeChoice, forge_options
from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import Call, common, path_argument

if TYPE_CHECKING:
    from gitopsd.ports import Forge, Marker

#: For how many seconds a forge that asks for patience is waited for.
_PATIENCE = 120.0

_EXAMPLE = """\b
Examples:
  gitopsd ci                                # in a pipeline of a pull request
  gitopsd ci --offline environments/prod    # where no cluster can be reached
  gitopsd ci --base origin/main --print     # look at the comment first"""


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@path_argument
@click.option(
    "--base",
    cls=SectionOption,
    metavar="REF",
    help="What the pull request is to be merged into; a pipeline knows.",
)
@click.option(
    "--offline",
    cls=SectionOption,
    is_flag=True,
    help="Ask no cluster and no cloud, compare the revisions alone.",
)
@click.option(
    "--print",
    "printed",
    cls=SectionOption,
    is_flag=True,
    help="Print the comment instead of writing it.",
)
@click.option(
    "--pull-request",
    type=click.IntRange(min=1),
    cls=SectionOption,
    section=SECTION,
    metavar="NUMBER",
    help="The pull or merge request; a pipeline knows.",
)
@click.option(
    "--comment-name",
    cls=SectionOption,
    section=SECTION,
    metavar="NAME",
    help="Tells this comment from others of gitopsd there; PATH and --target do.",
)
@forge_options
@common(world=True)
def ci(
    call: Call,
    base: str | None,
    offline: bool,
    printed: bool,
    pull_request: int | None,
    comment_name: str | None,
    forge: ForgeChoice,
) -> int:  # fmt: skip
    """Say in a comment on the pull request what merging it would do. Changes nothing else.

    There is one comment, found again and edited in place. It names the hash of each plan: that is
    what gitopsd approve takes, and what the guards accept after the merge.

    Exit code 0; 1 when a document has errors, something could not be observed, a guard holds
    something back, or the comment could not be written.
    """
    from gitopsd.cli.allowances import Allowed
    from gitopsd.cli.commenting import review_of
    from gitopsd.cli.plan import plan_options
    from gitopsd.cli.reading import read, tell_problems
    from gitopsd.cli.targets import tell_failures
    from gitopsd.planning.render.comment import comment
    from gitopsd.wiring.services import about_forge

    revision = base or forge.pipeline.base
    if revision is None:
        raise Refusal("what to compare with is not known", "say --base REF, such as origin/main")
    marker = _marker(call, comment_name)
    place = None if printed else _place(forge, pull_request)
    reading = read(call)
    kind = forge.kind or forge.pipeline.kind or "github"
    name, limits = about_forge(kind)
    options = plan_options(call, reading, Allowed())
    compared, review = review_of(call, reading, options, revision, offline=offline, forge=name)
    tell_problems(call, reading)
    tell_failures(call, compared.failures)
    text = comment(review, limits.room(marker))
    if place is None:
        call.terminal.out(text)
    else:
        _put(call, *place, marker, text)
    return int(reading.faulty or not compared.sound)


def _place(forge: ForgeChoice, pull_request: int | None) -> tuple[Forge, int]:
    """The forge and the number of the pull request there. Raises Refusal."""
    from gitopsd.wiring.services import open_forge

    number = pull_request or forge.pipeline.pull_request
    settings = forge.settings()
    if number is None:
        raise Refusal(
            "the pull request is not known: this is no pipeline of one",
            "say --pull-request NUMBER, or --print to look at the comment",
        )
    return open_forge(settings, patience=_PATIENCE), number


def _marker(call: Call, name: str | None) -> Marker:
    """What tells this comment from others: by default the folder and the target that are chosen."""
    from gitopsd.cli.commenting import folder_of
    from gitopsd.model.digest import digest
    from gitopsd.ports import Marker

    if name is not None:
        try:
            return Marker(f"plan/{name}")
        except ValueError as error:
            raise Refusal(f"--comment-name {error}", "use letters, digits, dots and /") from error
    scope = [
        folder_of(call.settings.source),
        call.settings.scope.target,
        call.settings.scope.instance,
    ]
    return Marker("plan" if scope == [".", None, None] else f"plan/{digest(scope)[:16]}")


def _put(call: Call, forge: Forge, number: int, marker: Marker, body: str) -> None:
    from gitopsd.ports import Subject, SubjectKind

    with call.terminal.progress() as progress:
        progress(f"writing the comment on pull request {number}")
        made = forge.put_comment(Subject(SubjectKind.PULL_REQUEST, number), marker, body)
    call.terminal.out(made.url)

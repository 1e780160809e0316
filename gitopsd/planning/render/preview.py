"""What a change brings about, told below the plan of its revision."""

from __future__ import annotations

from collections.abc import Sequence

from gitopsd.model.plan import Step
from gitopsd.planning.preview import Preview
from gitopsd.planning.render.markdown import plan_markdown
from gitopsd.planning.render.sections import resource, word
from gitopsd.planning.render.text import plan_text
from gitopsd.typography import PLAIN, Meaning, Palette, clean, code, count, hang, markdown

#: So many steps are named; the rest is counted.
_NAMED = 10
#: Said of a target where something could not be observed, without steps and with some.
_UNKNOWN = "not everything could be observed: what this change would do there is not known"
_PARTLY = "not everything could be observed: there may be more to do than this"


def preview_text(
    preview: Preview,
    other: str,
    *,
    palette: Palette = PLAIN,
    width: int = 100,
    full: bool = False,
    base: str = "",
) -> str:
    """The plan, and how it differs from that of `other`, the revision it is compared with."""
    text = plan_text(
        preview.plan,
        palette=palette,
        width=width,
        full=full,
        base=base,
        named=not preview.offline,
    )
    lines = [text, "", palette.paint(f"  Compared with {clean(other)}", Meaning.STRONG)]
    for sentence in differences(preview, other):
        lines += hang("    ", sentence, width)
    return "\n".join(lines)


def differences(preview: Preview, other: str) -> list[str]:
    """How a plan differs from that of `other`, in sentences."""
    if preview.offline:
        return [
            f"no cluster was asked: this is what leads from {clean(other)} to this revision, if"
            " nothing else was changed"
        ]
    complete = preview.plan.complete
    if not (preview.plan.steps or preview.dropped):
        return ["nothing is to be done, with this change or without it" if complete else _UNKNOWN]
    told = [] if complete else [_PARTLY]
    if brought := len(preview.brought):
        told.append(f"{count(brought, 'step comes', 'steps come')} with this change")
    else:
        told.append("this change brings no step about")
    if preview.pending:
        told.append(
            f"{count(len(preview.pending), 'step is', 'steps are')} due without it:"
            f" {_names(preview.pending)}"
        )
    if preview.dropped:
        number = len(preview.dropped)
        told.append(
            f"{count(number, 'step')} of {clean(other)} {'is' if number == 1 else 'are'} not due"
            f" any more: {_names(preview.dropped)}"
        )
    return told


def preview_markdown(preview: Preview, other: str, *, full: bool = False) -> str:
    """The plan as a section of a comment, and how it differs from that of `other`."""
    text = plan_markdown(preview.plan, full=full, named=not preview.offline)
    told = [f"- {markdown(sentence)}" for sentence in differences(preview, other)]
    return "\n".join([text, "", f"Compared with {code(other)}:", "", *told])


def _names(steps: Sequence[Step]) -> str:
    """Steps on one resource of one kind are named once."""
    names = list(dict.fromkeys(f"{word(step)} {resource(step)}" for step in steps))
    more = len(names) - _NAMED
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {more:,} more" if more > 0 else shown

"""Building HTML and SVG that is well-formed XML, with every text made safe on its way in."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from gitopsd.typography import clean


class Markup(str):
    """Text that is markup already. All other text is taken for text and escaped."""

    __slots__ = ()


#: What has no content, and in HTML must not have an end tag.
_VOID = frozenset({"meta", "br", "path", "rect", "wbr"})


def element(name: str, /, *children: str, **attributes: str | float | None) -> Markup:
    """`<name attributes>children</name>`; an attribute of None is left out.

    Attribute names are written as Python allows: `class_`, `aria_label`.
    """
    head = name + "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(clean(_text(content)))}"
        for key, content in attributes.items()
        if content is not None
    )
    if name in _VOID:
        return Markup(f"<{head}/>")
    return Markup(f"<{head}>{join(*children)}</{name}>")


def join(*parts: str) -> Markup:
    """The parts one behind the other, those that are not markup escaped."""
    return Markup("".join(p if isinstance(p, Markup) else escape(clean(p)) for p in parts))


def _text(content: str | float) -> str:
    return content if isinstance(content, str) else f"{content:g}"

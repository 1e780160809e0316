"""Plain scalars: which are numbers, truth values or nothing, and which others read differently.

The YAML 1.2 core schema as far as all versions of YAML agree on it. What YAML 1.1 reads in another
way (`NO`, `on`, `010`, `1:30`, `1_000`) stays the text it looks like and is called ambiguous.
"""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip

#: Truth values of YAML 1.1 only, and its default and merge keys.
_WORDS_OF_1_1 = frozenset(
    word
    for base in ("y", "n", "yes", "no", "on", "off")
    for word in (base, base.title(), base.upper())
) | {"=", "<<"}
#: First characters of everything else that could be a number somewhere.
_NUMERIC = frozenset("+-.0123456789")
#: At most 300 digits: longer ones are no number in any spec, and cost time to convert.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,299})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,299})\.[0-9]{1,300}(?:[eE][-+]?[0-9]{1,3})?")
_AMBIGUOUS = re.compile(
    r"""(?:
      [-+]?0b[01_]+ | [-+]?0o?[0-7_]+ | [-+]?0x[0-9a-fA-F_]+ # other bases
    | [-+]?[0-9][0-9]*_[0-9_]*                              # digits in groups
    | [-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?      # to the base of sixty
    | [-+]?0[0-9_]*[0-9]                                    # a leading zero
    | [-+]?(?:[0-9][0-9_]*)?\.[0-9_]*(?:[eE][-+]?[0-9]+)?(?<=[0-9.]) # 1. and .5
    | [-+]?[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+               # 1e3
    | [-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)
    )""",
    re.VERBOSE,
)
_DOTS = frozenset({".", "-.", "+."})
#: Bounds what the expression above may cost; beyond it only plain numbers are looked for.
_LONGEST = 40
_LONG_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")
#: A timestamp of YAML 1.1: a day, with or without a time of it.
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}[-+.:0-9Z \t]{0,20}"
)


def resolve(text: str) -> tuple[Scalar, bool]:
    """The value of a plain scalar, and whether other tools read it differently."""
    if text[:1] not in _NUMERIC:
        if text in _WORDS:
            return _WORDS[text], False
        return text, text in _WORDS_OF_1_1
    if _INTEGER.fullmatch(text):
        return int(text), False
    if _FLOAT.fullmatch(text):
        return float(text), False
    if text in _DOTS:
        return text, False
    odd = _AMBIGUOUS if len(text) <= _LONGEST else _LONG_NUMBER
    return text, odd.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """Whether YAML 1.1 takes this plain text for a day or a time; here it stays text."""
    return text[:1] in _NUMERIC and _DATE.fullmatch(text) is not None

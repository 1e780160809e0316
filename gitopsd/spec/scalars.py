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
#: At most 18 digits: longer ones are no number in any spec, and cost time to convert.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}(?:[eE][-+]?[0-9]{1,3})?")
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
#: Nothing longer is a number anywhere; it also bounds what the expressions may cost.
_LONGEST = 40


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
    if len(text) > _LONGEST or text in _DOTS:
        return text, False
    return text, _AMBIGUOUS.fullmatch(text) is not None

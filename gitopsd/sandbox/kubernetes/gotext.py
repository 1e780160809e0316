"""Values printed the way the real server prints them, which is Go's way.

Messages of the API quote strings and show raw values with Go's formatting verbs; clients and
recordings compare these texts literally.
"""

from __future__ import annotations

import math
import struct
from decimal import Decimal
from typing import Any, Final

import orjson

_ESCAPES: Final = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}
_UNSAFE: Final = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def quote(text: str) -> str:
    """`text` in double quotes, escaped as Go's %q does."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


def escaped_json(value: Any) -> str:
    """A value as Go's JSON writes it, with the characters of HTML and of ends of lines escaped."""
    return orjson.dumps(value).decode().translate(_UNSAFE)


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def plain(value: Any) -> str:
    """`value` as Go's %v shows decoded JSON: `map[a:1 b:[x y]]`, `<nil>`, `true`."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{plain(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(plain(item) for item in value) + "]"
    return str(value)


def detailed(value: Any) -> str:
    """`value` as Go's %#v shows decoded JSON inside of an interface."""
    if value is None:
        return "interface {}(nil)"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, dict):
        members = ", ".join(f"{quote(key)}:{detailed(value[key])}" for key in sorted(value))
        return f"map[string]interface {{}}{{{members}}}"
    if isinstance(value, list):
        return "[]interface {}{" + ", ".join(detailed(item) for item in value) + "}"
    return plain(value)


def type_name(value: Any) -> str:
    """The Go type of decoded JSON, as %T shows it."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "bool"
    names = {
        str: "string",
        int: "int64",
        float: "float64",
        dict: "map[string]interface {}",
        list: "[]interface {}",
    }
    return names[type(value)]


def json_kind(value: Any) -> str:
    """What Go's JSON decoder calls the kind of a value in "cannot unmarshal ... into"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    names = {str: "string", int: "number", float: "number", dict: "object", list: "array"}
    return names[type(value)]


def shortest(value: float, *, single: bool = False) -> str:
    """A number in the fewest digits that tell it, as Go's %g; `single`: among those of 32 bits."""
    if not math.isfinite(value):
        return {math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN")
    digits = repr(value) if not single else _single(value)
    text = f"{Decimal(digits).normalize():e}"
    mantissa, _, exponent = text.partition("e")
    power = int(exponent)
    if power < _LEAST_POWER or power >= _MOST_POWER:
        return f"{mantissa}e{power:+03d}"
    return f"{Decimal(digits).normalize():f}"


#: Powers of ten between which Go writes a number without an exponent.
_LEAST_POWER, _MOST_POWER = -4, 6


def _single(value: float) -> str:
    try:
        packed = struct.pack("f", value)
    except OverflowError:
        return repr(value)
    tried = (f"{value:.{digits}g}" for digits in range(1, 10))
    return next((one for one in tried if struct.pack("f", float(one)) == packed), repr(value))

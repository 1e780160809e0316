"""Formats of names, labels, ports and addresses, with the sentences the API answers with.

Each check returns the list of what is wrong; an empty list means the text is fine.
"""

from __future__ import annotations

import re
from typing import Final

_LABEL: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN: Final = _LABEL + r"(\." + _LABEL + ")*"
_DNS1035: Final = "[a-z]([-a-z0-9]*[a-z0-9])?"
_WILDCARD: Final = r"\*\." + _SUBDOMAIN
_QUALIFIED: Final = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE: Final = "(" + _QUALIFIED + ")?"
_CONFIG_KEY: Final = "[-._a-zA-Z0-9]+"
_ALNUM_ENDS: Final = "and must start and end with an alphanumeric character"


def _sentence(text: str, pattern: str, *examples: str) -> str:
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{text} (e.g. {shown}regex used for validation is '{pattern}')"


def _too_long(text: str, limit: int, unit: str = "characters") -> list[str]:
    return [f"must be no more than {limit} {unit}"] if len(text.encode()) > limit else []


def dns_label(text: str) -> list[str]:
    """An RFC 1123 label."""
    wrong = _too_long(text, 63)
    if not re.fullmatch(_LABEL, text):
        if re.fullmatch(_SUBDOMAIN, text):
            wrong.append("must not contain dots")
        else:
            about = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters "
            wrong.append(_sentence(f"{about}or '-', {_ALNUM_ENDS}", _LABEL, "my-name", "123-abc"))
    return wrong


def dns_subdomain(text: str) -> list[str]:
    """An RFC 1123 subdomain."""
    wrong = _too_long(text, 253)
    if not re.fullmatch(_SUBDOMAIN, text):
        about = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters"
        wrong.append(_sentence(f"{about}, '-' or '.', {_ALNUM_ENDS}", _SUBDOMAIN, "example.com"))
    return wrong


def dns1035_label(text: str) -> list[str]:
    """A DNS-1035 label: starts with a letter."""
    wrong = _too_long(text, 63)
    if not re.fullmatch(_DNS1035, text):
        about = (
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start "
            "with an alphabetic character, and end with an alphanumeric character"
        )
        wrong.append(_sentence(about, _DNS1035, "my-name", "abc-123"))
    return wrong


def full_domain(text: str) -> list[str]:
    """A DNS name of more than one label, with or without a dot at its end."""
    if not text:
        return [""]
    bare = text.removesuffix(".")
    faults = dns_subdomain(bare)
    if faults:
        return faults
    if "." not in bare:
        return ["should be a domain with at least two segments separated by dots"]
    return [fault for label in bare.split(".") for fault in dns_label(label)]


def wildcard_subdomain(text: str) -> list[str]:
    """A wildcard host: `*.` and a subdomain."""
    wrong = _too_long(text, 253)
    if not re.fullmatch(_WILDCARD, text):
        about = (
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain,"
            " which must consist of lower case alphanumeric characters, '-' or '.' and end with an "
            "alphanumeric character"
        )
        wrong.append(_sentence(about, _WILDCARD, "*.example.com"))
    return wrong


def path_segment(text: str) -> list[str]:
    """A name that can stand in a URL path."""
    if text in (".", ".."):
        return [f"may not be '{text}'"]
    return [f"may not contain '{char}'" for char in "/%" if char in text]


def qualified_name(text: str) -> list[str]:
    """A label or annotation key, a finalizer: an optional subdomain, `/`, and a name."""
    about = "must consist of alphanumeric characters, '-', '_' or '.', " + _ALNUM_ENDS
    examples = ("MyName", "my.name", "123-abc")
    prefix, slash, name = text.rpartition("/")
    if "/" in prefix:
        sentence = _sentence(about, _QUALIFIED, *examples)
        return [
            f"a valid label key {sentence} with an optional DNS subdomain prefix and '/' "
            "(e.g. 'example.com/MyName')"
        ]
    wrong: list[str] = []
    if slash and not prefix:
        wrong.append("prefix part must be non-empty")
    elif slash:
        wrong.extend("prefix part " + fault for fault in dns_subdomain(prefix))
    if not name:
        wrong.append("name part must be non-empty")
    wrong.extend("name part " + fault for fault in _too_long(name, 63, "bytes"))
    if not re.fullmatch(_QUALIFIED, name):
        wrong.append("name part " + _sentence(about, _QUALIFIED, *examples))
    return wrong


def label_value(text: str) -> list[str]:
    """The value of a label."""
    wrong = _too_long(text, 63, "bytes")
    if not re.fullmatch(_LABEL_VALUE, text):
        about = (
            "a valid label must be an empty string or consist of alphanumeric characters, '-', "
            "'_' or '.', " + _ALNUM_ENDS
        )
        wrong.append(_sentence(about, _LABEL_VALUE, "MyValue", "my_value", "12345"))
    return wrong


def port_number(number: int) -> list[str]:
    """A port from 1 to 65535."""
    return [] if 1 <= number <= 65535 else ["must be between 1 and 65535, inclusive"]


def port_name(text: str) -> list[str]:
    """An IANA service name."""
    wrong = _too_long(text, 15)
    if not re.fullmatch("[-a-z0-9]+", text):
        wrong.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", text):
        wrong.append("must contain at least one letter (a-z)")
    if "--" in text:
        wrong.append("must not contain consecutive hyphens")
    if text and (text[0] == "-" or text[-1] == "-"):
        wrong.append("must not begin or end with a hyphen")
    return wrong


def config_key(text: str) -> list[str]:
    """A key of a ConfigMap or Secret."""
    wrong = _too_long(text, 253)
    if not re.fullmatch(_CONFIG_KEY, text):
        about = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        wrong.append(_sentence(about, _CONFIG_KEY, "key.name", "KEY_NAME", "key-name"))
    if text in (".", ".."):
        wrong.append(f"must not be '{text}'")
    elif text.startswith(".."):
        wrong.append("must not start with '..'")
    return wrong

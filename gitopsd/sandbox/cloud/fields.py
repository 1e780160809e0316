"""Parameter groups that both products' tables use: tags, servers, paging, call control."""

from __future__ import annotations

import re

from gitopsd.sandbox.cloud.schema import Field, flag, integer, required, structs, text

GROUP_NAME = re.compile(r"[^\W\d_][\w.\-]*")
"""A letter, then letters, digits, dots, underscores and hyphens (facts §6.2)."""

_ASCII = re.compile(r"[\x21-\x7e]+")
_TAG_TEXT = re.compile(r"(?!aliyun|acs:)(?!.*https?://).*", re.IGNORECASE | re.DOTALL)
_NLB_TAG_TEXT = re.compile(r"(?!aliyun|acs:)(?!.*https?://)[\w.:/=+\-@]*", re.IGNORECASE)
_NO_URL = re.compile(r"(?!https?://).*", re.DOTALL)
_PLAIN_TEXT = re.compile(r"[\w,.;/@\-]*")

CLIENT_TOKEN = text("ClientToken", minimum=1, maximum=64, pattern=_ASCII)
DRY_RUN = flag("DryRun")
CONTROL = (CLIENT_TOKEN, DRY_RUN)
REGION = text("RegionId")
PAGING = (integer("MaxResults", 1, 100), text("NextToken"))
GROUP_ID = required(text("ServerGroupId", minimum=1))
ALB_DESCRIPTION = text("Description", minimum=2, maximum=256, pattern=_NO_URL)
NLB_DESCRIPTION = text("Description", minimum=2, maximum=256, pattern=_PLAIN_TEXT)
WEIGHT = integer("Weight", 0, 100)


def written_tags(name: str, *, key_limit: int, plain: bool = False) -> Field:
    """Tags being set: at most 20 a call, values at most 128 characters (facts §6.3).

    `plain` restricts the characters to those that NLB documents.
    """
    pattern = _NLB_TAG_TEXT if plain else _TAG_TEXT
    return structs(
        name,
        20,
        required(text("Key", minimum=1, maximum=key_limit, pattern=pattern)),
        text("Value", maximum=128, pattern=pattern),
    )


def filter_tags(limit: int) -> Field:
    """Tags to select by; a tag without a value selects every value of its key."""
    return structs("Tag", limit, text("Key"), text("Value"))


def server_types(*extra: str) -> Field:
    """The ServerType of a member."""
    return required(text("ServerType", "Ecs", "Eni", "Eci", "Ip", *extra))

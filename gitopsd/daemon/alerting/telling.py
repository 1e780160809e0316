"""What the log and the status say of messages that did not arrive."""

from __future__ import annotations

from collections.abc import Mapping

from gitopsd.alerts import Memory, Parcel
from gitopsd.ports import Misconfigured, WorldError

#: Subjects that are named of one message.
_NAMED = 20


def line_of(error: WorldError) -> str:
    """What went wrong; the same as long as it goes wrong in the same way."""
    mend = f" ({error.mend})" if error.mend and isinstance(error, Misconfigured) else ""
    return f"{error.detail}{mend}"


def told_of(parcel: Parcel, memories: Mapping[str, Memory]) -> dict[str, object]:
    """What a message was about that was refused or got no answer, and when it goes out again."""
    attempts = [
        memories[entry.place].attempts.get(entry.name)
        for entry in parcel.entries
        if entry.place in memories
    ]
    again = min((one.until for one in attempts if one), default="never: it counts as told")
    about = [f"{i.report.subject or i.title} @ {i.report.target}" for i in parcel.message.items]
    if len(about) > _NAMED:
        about = [*about[:_NAMED], f"and {len(about) - _NAMED} more"]
    return {"title": parcel.message.title, "about": about, "again": again}

"""A person's word that one plan may do what its guards hold (design §4, "Approval")."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

#: Annotation on a target's record that approves plans: `HASH`, or `HASH TIME` in RFC 3339, one
#: after another with commas between them, the latest last.
APPROVE = "gitopsd.io/approve"
#: No hash and no time is longer; what is, was not written by us.
LONGEST = 64
#: How long an approval counts.
VALID_FOR = timedelta(hours=24)
#: So many plans are approved at a time at most.
_TOGETHER = 20
#: How far ahead of ours the clock of who approved may be.
_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval: of which plan, when it was given and when it was used (RFC 3339, "" not yet).

    The same hash given again later is another approval: the same need may come back. `bare` marks
    one that stands on the record without a time of its own, for as long as it stands there.
    """

    plan_hash: str
    given: str = ""
    used: str = ""
    bare: bool = False

    def to_json(self) -> dict[str, Any]:
        """The form in plan files and in the record."""
        told = {"hash": self.plan_hash, "given": self.given, "used": self.used}
        return {**told, "bare": True} if self.bare else told

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Approval:
        """Read what `to_json` wrote; raises KeyError without a hash, ValueError for nonsense."""
        texts = content["hash"], content.get("given", ""), content.get("used", "")
        if not all(isinstance(text, str) and len(text) <= LONGEST for text in texts):
            raise ValueError("an approval has a hash and times, and they are short texts")
        return cls(*texts, bare=content.get("bare") is True)

    @classmethod
    def from_annotation(cls, text: str) -> tuple[Approval, ...]:
        """Read what APPROVE says, the latest last. What is too long to be a hash or a time is cut,
        and of too many the latest count.
        """
        found = (part.strip().partition(" ") for part in text.split(",")[-_TOGETHER:])
        return tuple(
            cls(plan_hash[:LONGEST], given.strip()[:LONGEST], bare=not given.strip())
            for plan_hash, _, given in found
            if plan_hash
        )

    def counts_at(self, now: datetime) -> bool:
        """Whether it was given within the last 24 hours; no when that cannot be told."""
        given = instant(self.given)
        return given is not None and -_SKEW <= now - given <= VALID_FOR


def instant(text: str) -> datetime | None:
    """An RFC 3339 time; None for anything else, one without a zone included."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo is not None else None


def stamp(time: datetime) -> str:
    """The time as RFC 3339 text in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def approve_too(stands: str | None, plan_hash: str, now: datetime) -> str:
    """APPROVE with one more plan in it, given what it says: approvals of others stay.

    Those that have grown old go, and an earlier one of the same plan: the new one takes its place.
    """
    others = (
        past for past in Approval.from_annotation(stands or "") if past.plan_hash != plan_hash
    )
    kept = [past for past in others if past.bare or past.counts_at(now)]
    words = (f"{past.plan_hash} {past.given}".rstrip() for past in kept[1 - _TOGETHER :])
    return ", ".join((*words, f"{plan_hash} {stamp(now)}"))


def scope(target: str, again: str = "") -> str:
    """The words by which a command finds a target, as the one at hand was told to find it.

    `again` are those beside the target's name: options, and PATH as the last of them.
    """
    return f"--target {shlex.quote(target)} {again}".rstrip()


def by_instance(instance: str) -> str:
    """The option that names an instance; "" where it is the Fleet's own name."""
    return f"--instance {shlex.quote(instance)}" if instance else ""


def option(plan_hash: str) -> str:
    """What approves a plan with the command that carries it out."""
    return f"--approve {plan_hash}"


def request(plan_hash: str, where: str) -> str:
    """The command that approves a plan with a time of its own, once an approval of it was used.

    `where` are the words by which the command finds the target.
    """
    return f"gitopsd approve {plan_hash} {where}"


def apply_now(where: str, *options: str) -> str:
    """The command that carries a plan out now. An operator holds the target's lease for as long as
    it runs, and gives it to who waits.
    """
    return " ".join(("gitopsd apply", *options, where, "--wait"))


def to_type(release: str, plan_hash: str, where: str) -> str:
    """The commands that do what a hold's way to go on says of an approval; "" where it has none."""
    if option(plan_hash) in release:
        return apply_now(where, option(plan_hash))
    if plan_hash in release:
        return f"{request(plan_hash, where)} && {apply_now(where)}"
    return ""

"""What a person allows for one plan: --adopt, --replace, --approve and --correct."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

import click

from gitopsd.cli.lazy import SectionOption
from gitopsd.cli.options import Command, Decorator, decorated
from gitopsd.model.identity import EXPOSURE, INGRESS, SERVER_GROUP, SERVICE, Identity
from gitopsd.model.ownership import Owner

_PLAN_HASH = re.compile(r"[0-9a-f]{64}")

#: Kinds of what a plan takes over or makes anew, and of the spec that stands for all it asks for.
_PLANNED = (SERVICE, INGRESS, SERVER_GROUP, EXPOSURE)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the person allows for this one plan; the fields of PlanOptions have the meanings."""

    adopt: tuple[Identity, ...] = ()
    adopt_from: tuple[Owner, ...] = ()
    replace: tuple[Identity, ...] = ()
    approve: str | None = None
    correct: bool = False

    @property
    def any(self) -> bool:
        """Whether anything was given."""
        return self != Allowed()


class OwnerType(click.ParamType[Owner]):
    """An option value INSTANCE/TARGET."""

    name = "instance/target"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Owner:
        """Read the two names, or say what is expected."""
        if isinstance(value, Owner):
            return value
        instance, _, target = str(value).partition("/")
        if not instance or not target or "/" in target:
            self.fail(f"{value!r} is not INSTANCE/TARGET, for example acme/hangzhou", param, ctx)
        return Owner(instance, target)


class IdentityType(click.ParamType[Identity]):
    """An option value KIND/NAMESPACE/NAME, of a kind that plans are about."""

    name = "kind/ns/name"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Identity:
        """Read the identity, or say what is expected."""
        if isinstance(value, Identity):
            return value
        try:
            identity = Identity.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if identity.kind not in _PLANNED:
            kinds = f"{', '.join(_PLANNED[:-1])} and {_PLANNED[-1]}"
            self.fail(f"{value!r} names no kind that plans are about; these are {kinds}",
                      param, ctx)  # fmt: skip
        return identity


def allowances(command: Command) -> Command:
    """--adopt, --replace, --approve and so on. The command gets an `Allowed` as `allowed`."""

    @functools.wraps(command)
    def wrapper(
        *arguments: Any,
        adopt: tuple[Identity, ...],
        adopt_from: tuple[Owner, ...],
        replace: tuple[Identity, ...],
        approve: str | None,
        correct: bool,
        **rest: Any,
    ) -> Any:
        allowed = Allowed(adopt, adopt_from, replace, approve, correct)
        return command(*arguments, allowed=allowed, **rest)

    options: list[Decorator] = [
        _identities("--adopt", "Take this over although others made it."),
        click.option("--adopt-from", cls=SectionOption, type=OwnerType(), multiple=True,
                     metavar="INSTANCE/TARGET",
                     help="With --adopt: even what this other gitopsd holds."),
        _identities("--replace", "Delete this and make it anew where it cannot be changed."),
        click.option("--approve", cls=SectionOption, metavar="HASH", callback=_hash,
                     help="Let go what the guards of this plan hold."),
        click.option("--correct", cls=SectionOption, is_flag=True,
                     help="Put drift right whatever the drift modes say, once."),
    ]  # fmt: skip
    return decorated(wrapper, options)


def _hash(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _PLAN_HASH.fullmatch(value):
        raise click.BadParameter("a plan's hash has 64 hexadecimal digits; plan prints it")
    return value


def _identities(name: str, text: str) -> Decorator:
    """An option that may be given several times, each time with KIND/NAMESPACE/NAME."""
    return click.option(
        name, cls=SectionOption, type=IdentityType(), multiple=True, help=text,
        metavar="KIND/NS/NAME",
    )  # fmt: skip

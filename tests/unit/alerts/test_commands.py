"""Commands in messages: typed as they are printed they find what the message is about."""

from __future__ import annotations

import shlex
from datetime import timedelta

import click
import pytest

from gitopsd.alerts import Rules, Scene, Style, decide
from gitopsd.cli.root import cli
from gitopsd.model.message import Line, Message
from gitopsd.model.verdict import Verdict
from tests.unit.alerts.hours import Hours, drift, edited, verdict


def many() -> list[Verdict]:
    return [verdict(f"tea-{number}", drift(f"tea-{number}")) for number in range(3)]


def commands(message: Message) -> list[list[str]]:
    codes = [line.code for line in message.lines if line.code.startswith("gitopsd ")]
    return [shlex.split(code)[1:] for code in codes]


def told_to(words: list[str]) -> dict[str, object]:
    """The options that a command line gives, as the command line itself reads them."""
    context = click.Context(cli, **cli.context_settings)
    command: click.Command = cli
    while isinstance(command, click.Group) and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            break
        command, words = found, words[1:]
    # Commands are shared by all tests, and keep the help option of the first context they meet.
    return command.make_context("gitopsd", list(words), context, resilient_parsing=True).params


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("named", ["", "acme-eu"])
@pytest.mark.parametrize("found", [[verdict("tea", drift("tea"))], many()])
def test_commands_name_the_instance_where_it_is_not_the_fleets_name(
    style: Style, named: str, found: list[Verdict]
) -> None:
    hours = Hours(Rules("ops", style), lambda _: found, named=named)
    messages = hours.run(timedelta(minutes=10)).messages
    silent = [m for m in hours.silent if m.lines]
    every = [words for m in (*(m for _, m in messages), *silent) for words in commands(m)]
    assert every
    for words in every:
        told = told_to(words)
        assert told["target"] == "edge"
        assert told["instance"] == (named or None)


def test_a_digest_of_several_instances_has_a_command_for_each() -> None:
    hours = Hours(Rules("ops"), lambda _: many())
    hours.run(timedelta(minutes=1))
    scenes = [
        Scene(name, name, "edge", hours.reports, "abc", "", named)
        for name, named in (("a", "acme-eu"), ("b", "acme-us"), ("c", ""))
    ]
    later = hours.now + timedelta(minutes=10)
    (parcel,) = decide(Rules("ops"), scenes, {}, later).parcels
    assert commands(parcel.message) == [
        ["drift", "--target", "edge"],
        ["drift", "--target", "edge", "--instance", "acme-eu"],
        ["drift", "--target", "edge", "--instance", "acme-us"],
    ]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Put it right at once, with all else that has drifted at this target."),
        ("zh", "立即纠正（连同此目标的其他漂移）："),
    ],
)
def test_a_command_that_is_about_a_whole_target_says_so(language: str, sentence: str) -> None:
    rules = edited(Rules("ops"), language=language)
    [(_, message)] = Hours(rules, lambda _: [many()[0]]).run(timedelta(minutes=5)).messages
    assert message.lines[0] == Line(sentence, "gitopsd apply --correct --target edge --wait")

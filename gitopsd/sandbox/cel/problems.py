"""What is wrong with the text of an expression, as cel-go shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault and where it is: an offset in the text."""

    at: int
    why: str


def shown(source: str, problems: list[Problem]) -> str:
    """The faults in the order of their places, each with its line of text and a mark under it."""
    return "\n".join(_one(source, one) for one in sorted(problems, key=lambda one: one.at))


def _one(source: str, problem: Problem) -> str:
    before = source[: problem.at]
    line, column = before.count("\n") + 1, problem.at - (before.rfind("\n") + 1)
    text = source.split("\n")[line - 1].replace("\t", " ")
    dots = "".join("\uff0e" if ord(char) > 127 else "." for char in text[:column])
    mark = "\uff3e" if column < len(text) and ord(text[column]) > 127 else "^"
    where = f"ERROR: <input>:{line}:{column + 1}: {problem.why}"
    return f"{where}\n | {text}\n | {dots}{mark}"

"""What a pull request brings about, told from what stood there before."""

from __future__ import annotations

import pytest

from gitopsd.cli.commenting import news_of
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem, Severity


def warning(what: str, file: str, line: int = 3) -> Problem:
    return Problem("GX0311", Severity.WARNING, what, position=Position(file, line, 1))


OURS = warning("6 Exposures share it.", "fleet.yaml")


@pytest.mark.parametrize("folder", ["", "env/prod"])
@pytest.mark.parametrize("base", ["", "env/prod"])
def test_a_warning_that_stood_there_before_is_no_news_however_its_file_is_named(
    folder: str, base: str
) -> None:
    def below(top: str, file: str) -> str:
        return f"{top}/{file}" if top else file

    ours = [warning("6 Exposures share it.", below(folder, "fleet.yaml"))]
    before = warning("5 Exposures share it.", below(base, "fleet.yaml"))
    assert news_of(ours, folder, [before], base) == ()
    other = warning("5 Exposures share it.", below(base, "more/fleet.yaml"))
    assert news_of(ours, folder, [other], base) == tuple(ours)
    moved = warning("6 Exposures share it.", below(base, "fleet.yaml"), line=9)
    assert news_of(ours, folder, [moved], base) == ()


def test_a_file_of_another_folder_is_not_taken_for_ours() -> None:
    elsewhere = warning("5 Exposures share it.", "env/prod-2/fleet.yaml")
    assert news_of([OURS], "", [elsewhere], "env/prod") == (OURS,)

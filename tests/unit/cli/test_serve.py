from __future__ import annotations

from pathlib import Path

import click
import pytest

from gitopsd.cli.options import Call, common, path_argument
from gitopsd.cli.root import run
from gitopsd.cli.serve import SettingsSource
from gitopsd.config import Settings
from gitopsd.daemon.journal import Journal
from gitopsd.daemon.outside import Loaded
from gitopsd.daemon.service import Service
from gitopsd.wiring.sites import Ways


def test_settings_that_are_wrong_are_told_with_their_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gitopsd.yaml"
    file.write_text("repositories:\n- {name: shop, url: x, sync: {everySeconds: 0}}\n")
    assert run(["serve", "--config", str(file)]) == 1
    said = capsys.readouterr().err
    assert f"{file}:2:45: error GX0035: repositories[0].sync.everySeconds is 0" in said
    assert "the settings cannot be used: 1 error" in said


def test_without_anything_to_follow_it_says_what_to_give(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["serve"]) == 1
    assert "--config" in capsys.readouterr().err


def test_settings_that_are_not_there_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", "--config", str(tmp_path / "nowhere.yaml")]) == 1
    assert "nowhere.yaml cannot be read" in capsys.readouterr().err


def test_an_address_that_cannot_be_had_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    given = ["serve", "--repo", str(tmp_path), "--listen", "192.0.2.1:1"]
    assert run(given) == 1
    assert "192.0.2.1:1 cannot be listened at" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variable", "value", "option", "why"),
    [
        ("LISTEN", "abc", "--listen", "must be an address as HOST:PORT"),
        ("LISTEN", "127.0.0.1:x", "--listen", "an address as HOST:PORT"),
        ("LISTEN", "127.0.0.1:99999", "--listen", "with a port of at most 65535"),
        ("KUBECONFIG", " here", "--kubeconfig", "text without blanks around it"),
        ("ALB_ENDPOINT", "host\n", "--alb-endpoint", "text without blanks around it"),
        ("CACHE_DIR", "here ", "--cache-dir", "text without blanks around it"),
        ("REPO", " https://a/b", "--repo", "text without blanks around it"),
        ("TARGET", " edge", "--target", "text without blanks around it"),
        ("GIT_USERNAME", "me ", "--git-username", "text without blanks around it"),
        ("REPO", "htps://a/b", "--repo", "the scheme 'htps' is not allowed (use https://HOST"),
        ("REVISION", "ma in", "--revision", "cannot be the name of a branch, a tag or a commit"),
        ("ALB_ENDPOINT", "https://alb", "--alb-endpoint", "must be a host as HOST or HOST:PORT"),
    ],
)
def test_a_variable_that_no_file_could_say_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    variable: str,
    value: str,
    option: str,
    why: str,
) -> None:
    file = tmp_path / "gitopsd.yaml"
    file.write_text(FILE)
    monkeypatch.setenv("GITOPSD_REPO", "/srv/shop.git")
    monkeypatch.setenv(f"GITOPSD_{variable}", value)
    of_file = variable not in ("REPO", "REVISION", "TARGET", "GIT_USERNAME")
    assert run(["serve", *(["--config", str(file)] if of_file else [])]) == 1
    said = capsys.readouterr().err
    assert f"Invalid value for '{option}': it " in said
    assert why in said
    assert "gitopsd serve --help" in said


def test_an_option_that_cannot_be_is_refused_before_a_sandbox_is_begun(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["serve", "--sandbox", "--listen", "abc"]) == 1
    said = capsys.readouterr().err
    assert "Invalid value for '--listen': it must be an address as HOST:PORT" in said
    assert "commit and push here" not in said


FILE = """\
repositories: [{name: shop, url: /srv/shop.git}]
cacheDir: /var/cache/of-the-file
recordNamespace: of-the-file
"""


@pytest.mark.parametrize(
    ("options", "variables", "cache", "namespace"),
    [
        ([], {}, "/var/cache/of-the-file", "of-the-file"),
        (["--cache-dir", "/tmp/given"], {}, "/tmp/given", "of-the-file"),
        ([], {"GITOPSD_CACHE_DIR": "/tmp/given"}, "/tmp/given", "of-the-file"),
        (
            ["--record-namespace", "gitopsd-system"],
            {},
            "/var/cache/of-the-file",
            "gitopsd-system",
        ),
        (
            [],
            {"GITOPSD_RECORD_NAMESPACE": "gitopsd-system"},
            "/var/cache/of-the-file",
            "gitopsd-system",
        ),
    ],
)
def test_options_and_variables_go_before_the_file_where_they_are_given(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    variables: dict[str, str],
    cache: str,
    namespace: str,
) -> None:
    file = tmp_path / "gitopsd.yaml"
    file.write_text(FILE)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = loaded(file, options)
    assert str(settings.source.cache) == cache
    assert settings.cluster.record_namespace == namespace


def source(file: Path, options: list[str]) -> SettingsSource:
    """Where `serve` with these options has its settings from."""
    found: list[SettingsSource] = []

    @click.command()
    @path_argument
    @common(world=True)
    def probe(call: Call) -> None:
        found.append(SettingsSource(call, file, {}))

    probe.main(options, standalone_mode=False)
    return found[0]


def loaded(file: Path, options: list[str]) -> Settings:
    """The settings that `serve` would begin with."""
    ways = source(file, options).begin().outside
    assert isinstance(ways, Ways)
    return ways.settings


def test_settings_that_have_gone_are_told_to_who_asks_and_read_when_they_are_back(
    tmp_path: Path,
) -> None:
    file = tmp_path / "gitopsd.yaml"
    file.write_text(FILE)
    of = source(file, [])
    of.begin()
    assert of.reload(asked=True) is None
    file.unlink()
    assert of.reload() is None
    told = of.reload(asked=True)
    assert isinstance(told, list)
    assert [str(one.position) for one in told] == [str(file)]
    assert "cannot be read" in told[0].what
    file.write_text(FILE)
    assert isinstance(of.reload(), Loaded)
    assert of.reload() is None


@pytest.mark.parametrize(
    ("right", "wrong", "place", "why"),
    [
        (
            "/srv/shop.git",
            "htp://a/b",
            "1:34",
            "url cannot be used: the scheme 'htp' is not allowed",
        ),
        ("git}", "git, branch: ma in}", "1:57", "branch cannot be the name of a branch"),
        ("git}", "git, path: /etc}", "1:55", "path must lie within the repository"),
    ],
)
def test_a_reload_of_what_could_lead_nowhere_is_refused_and_the_old_settings_go_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    right: str,
    wrong: str,
    place: str,
    why: str,
) -> None:
    monkeypatch.setenv("GITOPSD_CACHE_DIR", str(tmp_path / "cache"))
    file = tmp_path / "gitopsd.yaml"
    file.write_text(f"{FILE}listen: 127.0.0.1:0\n")
    of = source(file, [])
    service = Service(of.begin(), of.reload, Journal(lambda _: None, "text"))
    service.start()
    try:
        before = service.operator.repositories["shop"]
        file.write_text(file.read_text().replace(right, wrong))
        service.turn()
        assert service.operator.repositories["shop"] is before
        line = service.operator.board.lines["settings"]
        assert f"those of before go on: {file}:{place}: repositories[0].{why}" in line
    finally:
        service.end()


def test_what_counts_after_a_restart_only_is_said_until_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITOPSD_CACHE_DIR", str(tmp_path / "cache"))
    file = tmp_path / "gitopsd.yaml"
    file.write_text(f"{FILE}listen: 127.0.0.1:0\n")
    of = source(file, [])
    service = Service(of.begin(), of.reload, Journal(lambda _: None, "text"))
    service.start()
    try:
        for more, line in (
            ("log: json\n", "another log in the settings counts after a restart"),
            ("log: json\ngraceSeconds: 9\n", "another log in the settings counts after a restart"),
            (
                "tracing: {endpoint: http://a:4318}\n",
                "another tracing in the settings counts after a restart",
            ),
            ("", ""),
        ):
            file.write_text(f"{FILE}listen: 127.0.0.1:0\n{more}")
            service.turn()
            assert service.operator.board.lines.get("settings", "") == line
    finally:
        service.end()


def test_the_schema_of_the_settings_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "settings"]) == 0
    assert '"repositories"' in capsys.readouterr().out

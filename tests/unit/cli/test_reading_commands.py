"""validate and render: what they print, where, and how they end."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from gitopsd.cli.schemas import SCHEMAS
from tests.unit.cli.conftest import Gitopsd
from tests.unit.cli.stage import local


def spoil(repo: Path) -> None:
    text = (repo / "exposures.yaml").read_text()
    (repo / "exposures.yaml").write_text(text.replace("scheme: Internet", "schema: Internet"))


def test_a_clean_repository_validates_and_says_what_was_read(gitopsd: Gitopsd, repo: Path) -> None:
    said = gitopsd("validate", repo)
    assert (said.code, said.err) == (0, "")
    assert said.out == "2 Exposures, 1 ServerGroup in 3 files: no problems\n"


def test_an_error_ends_validate_with_1_and_names_file_line_and_column(
    gitopsd: Gitopsd, repo: Path
) -> None:
    spoil(repo)
    said = gitopsd("validate", repo)
    assert said.code == 1
    assert said.out.startswith(f"{repo}/exposures.yaml:5:")
    assert "scheme" in said.out
    assert "    mend  " in said.out


def test_validate_prints_problems_as_json_that_fits_its_schema(
    gitopsd: Gitopsd, repo: Path
) -> None:
    spoil(repo)
    said = gitopsd("validate", repo, "-o", "json")
    jsonschema.validate(said.json, SCHEMAS["validation"])
    for problem in said.json["problems"]:
        jsonschema.validate(problem, SCHEMAS["problem"])
    assert said.code == 1
    assert said.json["errors"] >= 1


def test_quiet_validate_says_nothing_about_a_clean_repository(gitopsd: Gitopsd, repo: Path) -> None:
    said = gitopsd("validate", repo, "-q")
    assert (said.code, said.out, said.err) == (0, "", "")


@pytest.mark.parametrize("command", ["validate", "render"])
def test_an_empty_folder_is_an_error_that_says_what_is_missing(
    gitopsd: Gitopsd, tmp_path: Path, command: str
) -> None:
    said = gitopsd(command, tmp_path)
    assert said.code == 1
    assert "fleet.yaml" in said.out + said.err


@pytest.mark.parametrize(("command", "code"), [("validate", 1), ("render", 1), ("drift", 2)])
def test_a_folder_that_does_not_exist_is_told(
    gitopsd: Gitopsd, tmp_path: Path, command: str, code: int
) -> None:
    said = gitopsd(command, tmp_path / "nowhere")
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith("error: ")
    assert "nowhere" in said.err


def test_render_prints_yaml_documents_of_all_objects(gitopsd: Gitopsd, repo: Path) -> None:
    said = gitopsd("render", repo, "-q")
    documents = [item for item in yaml.safe_load_all(said.out) if item]
    kinds = [item.get("kind", "ServerGroup") for item in documents]
    assert said.code == 0
    assert kinds == ["Service", "Ingress", "Service", "ServerGroup"]


def test_rendered_json_fits_its_schema(gitopsd: Gitopsd, repo: Path) -> None:
    for arguments in ((), ("--explain",)):
        said = gitopsd("render", repo, "-o", "json", *arguments)
        jsonschema.validate(said.json, SCHEMAS["render"])
        assert [target["name"] for target in said.json["targets"]] == ["hangzhou"]


def test_render_still_prints_what_has_no_error(gitopsd: Gitopsd, repo: Path) -> None:
    spoil(repo)
    said = gitopsd("render", repo)
    names = [d["metadata"]["name"] for d in yaml.safe_load_all(said.out) if d and "metadata" in d]
    assert said.code == 1
    assert names == ["tea", "tea-forward-1"]
    assert "error GX" in said.err


def test_an_instance_marks_what_is_rendered(gitopsd: Gitopsd, repo: Path) -> None:
    target = gitopsd("render", repo, "-o", "json", "--instance", "blue").json["targets"][0]
    labels = target["objects"][0]["metadata"]["labels"]
    assert labels["gitopsd.io/instance"] == "blue"
    assert target["serverGroups"][0]["servers"][0]["Description"] == "gitopsd/blue"


def test_an_unknown_target_is_refused_with_the_names_there_are(
    gitopsd: Gitopsd, repo: Path
) -> None:
    said = gitopsd("render", repo, "--target", "beijing")
    assert said.code == 1
    assert "no target 'beijing'" in said.err
    assert "hangzhou" in said.err


def test_settings_may_come_from_the_environment(
    gitopsd: Gitopsd, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITOPSD_TARGET", "beijing")
    assert "no target 'beijing'" in gitopsd("validate", repo).err


def test_a_file_name_with_control_characters_cannot_steer_the_terminal(
    gitopsd: Gitopsd, repo: Path
) -> None:
    (repo / "a\x1b[2Jb.yaml").write_text("kind: Exposure\n")
    said = gitopsd("validate", repo)
    assert "\x1b" not in said.out
    assert "\\x1b[2J" in said.out


def test_commands_that_are_not_about_problems_tell_warnings_in_brief(
    gitopsd: Gitopsd, repo: Path
) -> None:
    path = repo / "fleet.yaml"
    path.write_text(path.read_text().replace("Terway\n", "TerwayEdge\n"))
    brief, whole = gitopsd("render", repo), gitopsd("render", repo, "-v")
    assert (brief.code, whole.code) == (0, 0)
    assert "warning GX" in brief.err
    assert "    mend  " not in brief.err
    assert "    mend  " in whole.err
    assert gitopsd("render", repo, "-q").err == ""


def test_in_a_pipe_a_problem_has_its_place_id_and_sentence_on_one_line(
    gitopsd: Gitopsd, repo: Path
) -> None:
    path = repo / "fleet.yaml"
    path.write_text(path.read_text().replace("Terway\n", "TerwayEdge\n"))
    for lines in (gitopsd("validate", repo).out, gitopsd("render", repo).err):
        [line] = [line for line in lines.splitlines() if "GX0329" in line]
        assert line.startswith(f"{repo}/fleet.yaml:6:5: warning GX0329: ")
        assert len(line) > 120
        assert line.endswith("(target hangzhou)")


@pytest.mark.parametrize("broken", [False, True])
def test_without_a_target_render_prints_nothing_but_the_problems(
    gitopsd: Gitopsd, tmp_path: Path, broken: bool
) -> None:
    if broken:
        (tmp_path / "fleet.yaml").write_text("a: [\n")
    said = gitopsd("render", tmp_path)
    assert (said.code, said.out) == (1, "")
    assert "error GX" in said.err


def test_validate_counts_in_json_what_it_counts_in_text(gitopsd: Gitopsd, repo: Path) -> None:
    (repo / "other.yaml").write_text("apiVersion: v1\nkind: ConfigMap\n")
    assert gitopsd("validate", repo).out == (
        "2 Exposures, 1 ServerGroup in 4 files (1 document of other API groups ignored): "
        "no problems\n"
    )
    found = gitopsd("validate", repo, "-o", "json").json
    names = ("exposures", "serverGroups", "files", "ignoredDocuments", "errors", "warnings")
    assert [found[name] for name in names] == [2, 1, 4, 1, 0, 0]


def test_more_is_promised_only_where_something_was_left_out(gitopsd: Gitopsd, repo: Path) -> None:
    spoil(repo)
    assert "says more" not in gitopsd("render", repo).err
    local(repo, "schema: Internet", "scheme: Internet")
    path = repo / "fleet.yaml"
    path.write_text(path.read_text().replace("Terway\n", "TerwayEdge\n"))
    assert "gitopsd validate says more" in gitopsd("render", repo).err
    assert "says more" not in gitopsd("render", repo, "-v").err


def test_what_the_last_run_compiled_serves_only_the_same_files_in_the_same_scope(
    gitopsd: Gitopsd, repo: Path
) -> None:
    def rendered(*options: str) -> str:
        return str(gitopsd("render", repo, "-o", "json", "--explain", *options).out)

    file, first = repo / "exposures.yaml", rendered()
    text = file.read_text()
    assert rendered() == first
    file.write_text(text.replace("weight: 20", "weight: 21"))
    edited = rendered()
    assert edited != first
    file.write_text(text)
    assert rendered() == first
    assert rendered("--instance", "another") not in (first, edited)
    assert rendered("--target", "hangzhou") == first
    spoil(repo)
    assert "GX" in rendered()
    file.write_text(text)
    file.rename(repo / "moved.yaml")
    assert "moved.yaml" in rendered()

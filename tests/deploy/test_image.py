"""The image: what its Dockerfile says, and that its steps work where there is no Docker."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from tests.deploy.manifests import DEPLOY, ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
#: Programs that the product runs, with the package of Debian's that has each. Git runs ssh-keygen
#: for signatures of ssh, which comes with ssh itself.
PROGRAMS = {"git": "git", "ssh": "openssh-client", "gpg": "gnupg"}
SCRIPT = DEPLOY / "image/build.sh"
#: Installs a hundred packages from the network: minutes, so only on request.
ASKED = "GITOPSD_TEST_IMAGE"


def instructions(name: str) -> list[str]:
    joined = re.sub(r"\\\n", " ", DOCKERFILE)
    return [" ".join(text.split()) for text in re.findall(rf"^{name} (.*)$", joined, re.MULTILINE)]


def test_the_base_is_one_argument_that_a_digest_fits_in() -> None:
    (base,) = instructions("ARG")
    assert base.startswith("BASE=python:3.11-")
    assert [text.split()[0] for text in instructions("FROM")] == ["${BASE}", "${BASE}"]


def test_no_image_is_called_latest() -> None:
    assert "latest" not in DOCKERFILE


def test_the_last_user_has_no_rights() -> None:
    assert instructions("USER")[-1] == "65532:65532"
    last_stage = DOCKERFILE[DOCKERFILE.rindex("\nFROM") :]
    assert last_stage.index("USER") < last_stage.index("ENTRYPOINT")
    assert "RUN" not in last_stage[last_stage.index("USER") :]


def test_the_final_stage_holds_no_tool_that_builds_and_no_source() -> None:
    last_stage = DOCKERFILE[DOCKERFILE.rindex("\nFROM") :]
    assert re.findall(r"^COPY (.*)$", last_stage, re.MULTILINE) == [
        "--from=build /opt/gitopsd /opt/gitopsd"
    ]


def test_every_program_that_is_run_is_in_the_image() -> None:
    (installed,) = re.findall(r"apt-get install (.*?) &&", " ".join(instructions("RUN")))
    assert set(PROGRAMS.values()) <= set(installed.split())
    sources = "\n".join(path.read_text() for path in (ROOT / "gitopsd/adapters/git").rglob("*.py"))
    assert {name for name in PROGRAMS if f'"{name}"' in sources} == set(PROGRAMS)


def test_the_first_process_buries_what_others_leave_behind() -> None:
    assert instructions("ENTRYPOINT") == ['["tini", "--", "gitopsd"]']
    (installed,) = re.findall(r"apt-get install (.*?) &&", " ".join(instructions("RUN")))
    assert "tini" in installed.split()


def test_no_secret_is_given_to_the_build() -> None:
    told = " ".join([*instructions("ARG"), *instructions("ENV")]).lower()
    assert not re.search(r"token|secret|password|access_key", told)


def test_the_image_sets_no_option_so_that_the_settings_file_counts() -> None:
    assert "GITOPSD_" not in " ".join(instructions("ENV"))


def test_everything_is_installed_by_its_hash() -> None:
    installs = re.findall(r"pip install.*", SCRIPT.read_text(encoding="utf-8"))
    assert installs
    assert all("--require-hashes" in one or "--no-index" in one for one in installs)


def test_what_the_build_copies_is_there() -> None:
    build = DOCKERFILE[: DOCKERFILE.rindex("\nFROM")]
    for sources in re.findall(r"^COPY (.*) \S+$", build, re.MULTILINE):
        assert [name for name in sources.split() if not (ROOT / name).exists()] == []


def test_the_build_script_is_one_that_runs() -> None:
    assert SCRIPT.stat().st_mode & stat.S_IXUSR
    assert subprocess.run(["sh", "-n", str(SCRIPT)], check=False).returncode == 0


@pytest.mark.skipif(ASKED not in os.environ, reason=f"takes minutes; set {ASKED}=1")
@pytest.mark.timeout(900)
def test_the_steps_of_the_build_make_a_gitopsd_that_runs(tmp_path: Path) -> None:
    prefix = tmp_path / "gitopsd"
    done = subprocess.run(
        ["sh", str(SCRIPT), str(ROOT), str(prefix)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("gitopsd ")
    assert not list(prefix.glob("lib/*/site-packages/pip"))
    told = subprocess.run(
        [prefix / "bin/gitopsd", "version"], capture_output=True, check=False, cwd=tmp_path
    )
    assert told.returncode == 0
    traces = [prefix / "bin/python", "-c", "import gitopsd.adapters.tracing"]
    assert subprocess.run(traces, capture_output=True, check=False).returncode == 0

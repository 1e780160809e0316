"""Whose keys are used, shown by the name that the API's audit trail gets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alibabacloud_credentials.exceptions import CredentialException

from gitopsd.adapters.alibaba import Credentials
from gitopsd.adapters.alibaba.credentials import _Either

PROFILES = {
    "current": "default",
    "profiles": [
        {"name": name, "mode": "AK", "access_key_id": f"AK-{name}", "access_key_secret": "SK"}
        for name in ("default", "prod")
    ],
}


def keys_of(expression: str, home: Path, **environment: str) -> str:
    """The key id that a fresh process finds: the SDK looks at home and environment on import."""
    code = (
        "from gitopsd.adapters.alibaba import Credentials\n"
        f"print({expression}.client().get_credential().access_key_id)"
    )
    path = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    off = {"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=path | off | {"HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / ".aliyun"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(PROFILES))
    return tmp_path


def test_looking_for_keys_starts_no_threads(home: Path) -> None:
    """Those of the SDK's chain complain at the end of the process, which others see."""
    code = (
        "import threading\n"
        "from gitopsd.adapters.alibaba import Credentials\n"
        "keys = Credentials().client().get_credential()\n"
        "print(keys.access_key_id, threading.active_count())"
    )
    here = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=here, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("AK-default 1\n", "")


def test_whose_keys_were_found_once_is_asked_again_and_nobody_else() -> None:
    class Source:
        def __init__(self, name: str) -> None:
            self.name, self.away = name, False

        def get_credentials(self) -> str:
            if self.away:
                raise OSError(f"{self.name} is away")
            return self.name

    first, second = Source("oidc"), Source("instance")
    chain = _Either(first, second, loyal=True)
    assert chain.get_credentials() == "oidc"
    first.away = True
    with pytest.raises(CredentialException, match="oidc is away"):
        chain.get_credentials()


def test_a_named_profile_is_used_even_if_the_environment_has_keys(home: Path) -> None:
    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "AK-env", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "SK"}
    assert keys_of('Credentials(profile="prod")', home, **keys) == "AK-prod"


def test_a_profile_of_the_credentials_file_will_do(tmp_path: Path) -> None:
    folder = tmp_path / ".alibabacloud"
    folder.mkdir()
    lines = ["[old]", "type = access_key", "access_key_id = AK-old", "access_key_secret = SK"]
    (folder / "credentials.ini").write_text("\n".join(lines))
    assert keys_of('Credentials(profile="old")', tmp_path) == "AK-old"


def test_the_environment_goes_before_the_current_profile(home: Path) -> None:
    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "AK-env", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "SK"}
    assert keys_of("Credentials()", home, **keys) == "AK-env"
    assert keys_of("Credentials()", home) == "AK-default"


def test_keys_given_directly_go_before_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "AK-env")
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "SK")
    given = Credentials(access_key_id="AK", access_key_secret="SK", security_token="T")
    found = given.client().get_credential()
    assert (found.access_key_id, found.security_token) == ("AK", "T")


def test_a_session_in_the_environment_is_used_with_its_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "STS.x")
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "SK")
    monkeypatch.setenv("ALIBABA_CLOUD_SECURITY_TOKEN", "T")
    found = Credentials().client().get_credential()
    assert (found.access_key_id, found.security_token) == ("STS.x", "T")


def test_a_role_is_assumed_with_the_keys_that_the_rest_gives() -> None:
    given = Credentials(
        access_key_id="AK", access_key_secret="SK", role_arn="acs:ram::1:role/gitopsd"
    )
    provider = given.client().cloud_credential.provider
    assert type(provider).__name__ == "RamRoleArnCredentialsProvider"
    assert provider._role_arn == "acs:ram::1:role/gitopsd"
    assert provider._credentials_provider.get_credentials().get_access_key_id() == "AK"


def refusal(home: Path, **environment: str) -> str:
    """What is said when there are no keys, in a fresh process."""
    code = (
        "from gitopsd.adapters.alibaba import Credentials\n"
        "try:\n    Credentials().client().get_credential()\n"
        "except Exception as error:\n    print(error)"
    )
    path = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    off = {"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=path | off | {"HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_without_keys_it_is_said_which_variables_and_files_were_looked_for(tmp_path: Path) -> None:
    said = refusal(tmp_path)
    for name in ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "ROLE_ARN", "CREDENTIALS_URI"):
        assert f"ALIBABA_CLOUD_{name}" in said
    assert "~/.aliyun/config.json" in said
    assert "Provider" not in said


def test_of_a_pair_that_is_not_whole_the_missing_half_is_named(tmp_path: Path) -> None:
    said = refusal(tmp_path, ALIBABA_CLOUD_ACCESS_KEY_ID="AK")
    assert "ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set" in said


def test_what_was_prepared_and_does_not_work_is_told_in_the_sdks_words(tmp_path: Path) -> None:
    folder = tmp_path / ".aliyun"
    folder.mkdir()
    (folder / "config.json").write_text("{")
    assert "CLIProfileCredentialsProvider" in refusal(tmp_path)

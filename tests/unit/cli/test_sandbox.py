"""gitopsd sandbox: it serves until it is told to end, and says how it is reached."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from alibabacloud_alb20200616 import models as alb
from alibabacloud_alb20200616.client import Client as AlbClient
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.models import Config

from tests.unit.cli.conftest import Gitopsd

PROGRAM = "from gitopsd.cli import main; main()"


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_end(tmp_path: Path, end: signal.Signals) -> None:
    command = [sys.executable, "-c", PROGRAM, "sandbox", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        about = json.loads((tmp_path / "sandbox.json").read_text())
        shell = (tmp_path / "environment.sh").read_text()
        mode = (tmp_path / "environment.sh").stat().st_mode & 0o777
        process.send_signal(end)
        process.communicate(timeout=120)
    assert about["kubernetes"]["url"] in first
    assert f"export GITOPSD_ALB_ENDPOINT={about['alb']}\n" in shell
    assert mode == 0o600
    assert process.returncode == 0
    assert not (tmp_path / "environment.sh").exists()


def test_a_port_that_is_taken_is_told(gitopsd: Gitopsd, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = gitopsd("sandbox", "--dir", tmp_path, "--alb-port", taken.getsockname()[1])
    assert said.code == 1
    assert "in use" in said.err


def test_a_folder_that_cannot_be_written_is_told(gitopsd: Gitopsd, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert gitopsd("sandbox", "--dir", tmp_path / "file" / "below").code == 1


def test_faults_are_ordered_at_the_start_and_while_it_serves(
    gitopsd: Gitopsd, tmp_path: Path
) -> None:
    at_start = "cloud:throttle:AddServersToServerGroup:times=3,retry-after=2"
    words = ["sandbox", "--dir", str(tmp_path), "--fault", at_start, "--seed", "7"]
    command = [sys.executable, "-c", PROGRAM, *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()
        added = gitopsd("sandbox", "fault", "--dir", tmp_path, "add", "kubernetes:conflict:patch")
        listed = gitopsd("sandbox", "fault", "--dir", tmp_path, "list")
        cleared = gitopsd("sandbox", "fault", "--dir", tmp_path, "clear")
        process.terminate()
        process.communicate(timeout=120)
    assert [added.code, listed.code, cleared.code] == [0, 0, 0]
    assert added.out == listed.out
    assert [line.split()[-1] for line in listed.out.splitlines()] == [
        at_start,
        "kubernetes:conflict:patch",
    ]
    assert cleared.out == ""


def test_a_fault_that_is_no_order_is_told_before_anything_serves(
    gitopsd: Gitopsd, tmp_path: Path
) -> None:
    said = gitopsd("sandbox", "--dir", tmp_path, "--fault", "cloud:throtle")
    assert (said.code, "did you mean throttle?" in said.err) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_the_ranges_of_a_vpc_decide_who_is_a_remote_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [each for each in os.environ if each.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    words = ["sandbox", "--dir", str(tmp_path), "--vpc", "vpc-1=10.0.0.0/16,192.168.0.0/16"]
    command = [sys.executable, "-c", PROGRAM, *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()
        about = json.loads((tmp_path / "sandbox.json").read_text())
        client = AlbClient(
            Config(
                endpoint=about["alb"],
                protocol="http",
                access_key_id=about["accessKeyId"],
                access_key_secret=about["accessKeySecret"],
            )
        )
        found = {
            (address, remote): _dry_run(client, f"{address}-{remote}", address, remote)
            for address in ("10.0.0.1", "192.168.3.1", "10.1.0.1")
            for remote in (False, True)
        }
        process.terminate()
        process.communicate(timeout=120)
    assert [each for each, code in found.items() if code == "DryRunOperation"] == [
        ("10.0.0.1", False),
        ("192.168.3.1", False),
        ("10.1.0.1", True),
    ]


def _dry_run(client: AlbClient, name: str, address: str, remote: bool) -> str:
    """The code with which adding a member to a new group of VPC vpc-1 is answered."""
    made = client.create_server_group(
        alb.CreateServerGroupRequest(
            server_group_name=f"group-{name}",
            server_group_type="Ip",
            vpc_id="vpc-1",
            health_check_config=alb.CreateServerGroupRequestHealthCheckConfig(
                health_check_enabled=False
            ),
        )
    )
    server = alb.AddServersToServerGroupRequestServers(
        server_id=address,
        server_ip=address,
        server_type="Ip",
        port=80,
        remote_ip_enabled=remote,
    )
    request = alb.AddServersToServerGroupRequest(
        server_group_id=made.body.server_group_id, servers=[server], dry_run=True
    )
    while True:
        with pytest.raises(AlibabaCloudException) as refused:
            client.add_servers_to_server_group(request)
        if refused.value.code != "IncorrectStatus.ServerGroup":  # its own making is under way
            return str(refused.value.code)


def test_ranges_that_are_none_are_told(gitopsd: Gitopsd, tmp_path: Path) -> None:
    said = gitopsd("sandbox", "--dir", tmp_path, "--vpc", "vpc-1=10.0.0.1/8")
    assert (said.code, "vpc-sandbox=192.168.0.0/16" in said.err) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_where_no_sandbox_runs_there_is_nothing_to_order(gitopsd: Gitopsd, tmp_path: Path) -> None:
    said = gitopsd("sandbox", "fault", "--dir", tmp_path, "list")
    assert (said.code, "no sandbox runs in" in said.err) == (1, True)


def test_it_needs_a_folder(gitopsd: Gitopsd) -> None:
    assert "--dir" in gitopsd("sandbox").err
    assert "--dir" in gitopsd("sandbox", "fault", "list").err

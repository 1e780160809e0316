"""The operator follows a repository over ssh: known hosts, and a key out of a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitopsd.daemon.settings import Credentials
from gitopsd.sandbox.embedded import Sandbox
from tests.contract.git.serving import Server
from tests.contract.git.sshd import SshServer, serve_ssh
from tests.scenarios.operating import Shop, eventually, followed, open_shop, replica
from tests.scenarios.world import objects

pytestmark = pytest.mark.usefixtures("keys")


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[SshServer]:
    with serve_ssh(tmp_path / "ssh") as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path, server: Server, namespace: str) -> Shop:
    return open_shop(tmp_path, server, namespace)


def test_a_push_over_ssh_is_applied_and_a_server_with_another_key_is_not_believed(
    sandbox: Sandbox, tmp_path: Path, shop: Shop, ssh: SshServer
) -> None:
    def arrived(port: int) -> bool:
        service = objects(sandbox, "Service", shop.namespace).get("tea")
        return bool(service) and service["spec"]["ports"][0]["port"] == port

    files = Credentials(ssh_key_file=str(ssh.user_key), known_hosts_file=str(ssh.known_hosts))
    url = f"{ssh.url}{shop.server.root}/{shop.name}.git"
    repository = followed(shop, credentials=files).model_copy(update={"url": url})
    shop.expose(80)
    with replica(sandbox, tmp_path, [repository]) as one:
        eventually(lambda: arrived(80))
        second = shop.expose(8080)
        one.operator.look()
        one.log.wait("pass.ended", revision=second)
        assert arrived(8080)

        assert ssh.connections == 1  # the handshake takes longer than all the rest
        ssh.make_host_key()
        ssh.drop()
        third = shop.expose(8081)
        one.operator.look()
        eventually(lambda: "known hosts" in one.operator.board.lines.get(shop.name, ""))
        assert arrived(8080)
        ssh.know()  # somebody has checked it: nobody need tell the operator
        one.log.wait("pass.ended", revision=third)
        assert arrived(8081)

        old = ssh.user_key.read_bytes()
        ssh.make_user_key()
        new = ssh.user_key.read_bytes()
        ssh.user_key.write_bytes(old)
        ssh.drop()
        fourth = shop.expose(8082)
        one.operator.look()
        eventually(lambda: "ssh key was refused" in one.operator.board.lines.get(shop.name, ""))
        ssh.user_key.write_bytes(new)
        one.log.wait("pass.ended", revision=fourth)
        eventually(lambda: one.operator.board.lines == {})

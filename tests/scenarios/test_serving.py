"""`gitopsd serve` as a process: settings, webhook, signals, exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import urllib3
import yaml

from gitopsd.sandbox.embedded import Sandbox
from tests.contract.git.serving import Server
from tests.deploy.test_rbac import CONFINED, HERE
from tests.scenarios.operating import eventually, open_shop
from tests.scenarios.world import objects

SECRET = "s3cret"


@contextmanager
def serving(
    sandbox: Sandbox, settings: Path, kubeconfig: Path | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running operator, and the address it listens at."""
    environment = {
        **os.environ,
        "GITOPSD_KUBECONFIG": str(kubeconfig or sandbox.kubeconfig),
        "GITOPSD_ALB_ENDPOINT": sandbox.alb,
        "GITOPSD_NLB_ENDPOINT": sandbox.nlb,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": sandbox.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": sandbox.access_key_secret,
    }
    out = settings.with_suffix(".log")
    command = [sys.executable, "-m", "gitopsd", "serve", "--config", str(settings)]
    with out.open("w") as stream:
        process = subprocess.Popen(command, env=environment, stderr=stream, text=True)
    try:
        eventually(lambda: told(settings, "operator.started"))
        (started,) = [one for one in entries(settings) if one["event"] == "operator.started"]
        yield process, str(started["listen"])
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def entries(settings: Path) -> list[dict[str, Any]]:
    """What the process has told so far; a line that is being written is none yet."""
    whole, _, _ = settings.with_suffix(".log").read_text().rpartition("\n")
    return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]


def told(settings: Path, event: str, **fields: object) -> bool:
    return any(
        entry["event"] == event and all(entry.get(k) == v for k, v in fields.items())
        for entry in entries(settings)
    )


def test_a_process_that_is_pushed_to_reloaded_and_told_to_leave(
    sandbox: Sandbox, tmp_path: Path, server: Server, namespace: str
) -> None:
    shop = open_shop(tmp_path, server, namespace)
    shop.expose(80)
    secret, settings = tmp_path / "secret", tmp_path / "gitopsd.yaml"
    secret.write_text(SECRET)
    settings.write_text(
        f"""\
repositories:
- name: {shop.name}
  url: {shop.url}
  branch: main
  webhook: {{provider: gitlab, secretFile: {secret}}}
  sync: {{everySeconds: 3600}}
listen: 127.0.0.1:0
cacheDir: {tmp_path / "cache"}
log: json
"""
    )

    with serving(sandbox, settings) as (process, listening):
        eventually(lambda: told(settings, "pass.ended", done=1))
        second = shop.expose(8080)
        hook = f"http://{listening}/webhooks/gitlab"
        headers = {"X-Gitlab-Token": SECRET, "Idempotency-Key": "1"}
        assert urllib3.request("POST", hook, headers=headers, body=b"{}").status == 202
        eventually(lambda: told(settings, "pass.ended", revision=second, done=1))
        service = objects(sandbox, "Service", namespace)["tea"]
        assert service["spec"]["ports"][0]["port"] == 8080

        right = settings.read_text()
        settings.write_text(right.replace("branch", "brunch"))
        process.send_signal(signal.SIGHUP)
        eventually(lambda: told(settings, "settings.refused"))
        ready = urllib3.request("GET", f"http://{listening}/readyz")
        assert ready.status == 200
        assert "brunch" in ready.json()["trouble"]["settings"]
        settings.write_text(right.replace("everySeconds: 3600", "everySeconds: 3000"))
        eventually(lambda: told(settings, "settings.taken"))

        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
    assert SECRET not in settings.with_suffix(".log").read_text()
    lease = sandbox.cluster.get(
        "leases.coordination.k8s.io", "gitopsd-system", f"gitopsd-{shop.name}-edge"
    )
    assert lease
    assert lease["spec"].get("holderIdentity", "") == ""


def test_a_process_with_rights_in_one_namespace_works_in_that_one(
    sandbox: Sandbox, tmp_path: Path, server: Server, namespace: str
) -> None:
    shop = open_shop(tmp_path, server, namespace)
    commit = shop.expose(80)
    here = [replace(one, namespace=namespace) if one.namespace == HERE else one for one in CONFINED]
    sandbox.cluster.access.grant("confined", "confined", [right.rule for right in here])
    config = yaml.safe_load(sandbox.kubeconfig.read_text())
    config["users"] = [{**one, "user": {"token": "confined"}} for one in config["users"]]
    kubeconfig, settings = tmp_path / "kubeconfig", tmp_path / "gitopsd.yaml"
    kubeconfig.write_text(yaml.safe_dump(config))
    settings.write_text(
        f"""\
repositories: [{{name: {shop.name}, url: "{shop.url}", branch: main}}]
namespaces: [{namespace}]
listen: 127.0.0.1:0
cacheDir: {tmp_path / "cache"}
log: json
"""
    )
    with serving(sandbox, settings, kubeconfig):
        eventually(lambda: told(settings, "pass.ended", revision=commit, done=1))
    (ended, *_) = [one for one in entries(settings) if one.get("done")]
    assert not ended.get("trouble")
    assert "tea" in objects(sandbox, "Service", namespace)

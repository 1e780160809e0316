"""`gitopsd ci`, where not everything answers: the comment says so before anything else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gitopsd.sandbox.identity import CONTEXT, RESTRICTED_CONTEXT
from tests.contract.git.authoring import git
from tests.unit.cli.conftest import FLEET, Gitopsd
from tests.unit.cli.stage import Stage, local

_TARGET = FLEET[FLEET.index("  - name: hangzhou") :]
_SERVICE = """\
apiVersion: gitopsd.io/v1alpha1
kind: Exposure
metadata: {{name: {target}, namespace: default}}
spec:
  targets: [{target}]
  loadBalancer: {{type: CLB, scheme: Internet}}
  pods: {{selector: {{app: tea}}}}
  ports: [{{name: https, port: 443, targetPort: 8443}}]
"""


def _target(name: str) -> str:
    return _TARGET.replace("name: hangzhou", f"name: {name}\n    kubeContext: {name}")


def _contexts(repo: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch, *, far: str) -> None:
    """Let commands come to `edge` as the administrator and to `far` as this user."""
    config = yaml.safe_load(stage.sandbox.kubeconfig.read_text())
    config["contexts"] = [
        {"name": name, "context": {"cluster": CONTEXT, "user": user}}
        for name, user in (("edge", CONTEXT), ("far", far))
    ]
    path = repo.parent / "kubeconfig.yaml"
    path.write_text(yaml.safe_dump(config))
    monkeypatch.setenv("GITOPSD_KUBECONFIG", str(path))


@pytest.fixture
def two(repo: Path, stage: Stage, gitopsd: Gitopsd, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two targets, to which `main` is applied, and a branch that changes one thing of each."""
    (repo / "fleet.yaml").write_text(FLEET.replace(_TARGET, _target("edge") + _target("far")))
    text = "---\n".join(_SERVICE.format(target=target) for target in ("edge", "far"))
    (repo / "exposures.yaml").write_text(text)
    (repo / "warehouse.yaml").unlink()
    _contexts(repo, stage, monkeypatch, far=CONTEXT)
    git(repo, "init", "-q", "-b", "main")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "one")
    said = gitopsd("apply", "--yes", repo)
    assert said.code == 0, said
    git(repo, "checkout", "-q", "-b", "change")
    local(repo, "port: 443", "port: 8443")
    git(repo, "commit", "-q", "-a", "-m", "two")
    return repo


def test_a_target_that_may_not_be_looked_at_is_told_before_the_table_and_not_as_nothing_to_do(
    gitopsd: Gitopsd, two: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = gitopsd("ci", "--base", "main", "--print", two)
    assert said.out.startswith("## gitopsd: 2 to change\n")
    _contexts(two, stage, monkeypatch, far=RESTRICTED_CONTEXT)
    said = gitopsd("ci", "--base", "main", "--print", two)
    assert said.code == 1
    assert said.out.startswith("## gitopsd: 1 target not wholly seen, 1 to change\n")
    foremost = said.out.partition("| Target")[0]
    assert "> **Not wholly seen** `far`: " in foremost
    assert "restricted" in foremost
    assert "| `far` | ? | ? | ? | ? | ? | ? |" in said.out
    compared = gitopsd("plan", "--base", "main", two).out.partition("far: ")[2]
    assert compared.startswith("nothing can be planned\n")
    assert "nothing is to be done" not in compared
    assert "what this change would do there is not known" in compared

"""What is in deploy/, as data."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
BASE = DEPLOY / "kustomize/base"
PER_NAMESPACE = DEPLOY / "kustomize/per-namespace"
CHART = DEPLOY / "helm/gitopsd"


def documents(text: str) -> list[dict[str, Any]]:
    """The documents of a YAML text, without empty ones."""
    return [document for document in yaml.safe_load_all(text) if document]


def named(found: list[dict[str, Any]]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Manifests by kind, namespace and name."""
    return {
        (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]): one
        for one in found
    }


def kustomized(folder: Path) -> list[dict[str, Any]]:
    """What `kubectl kustomize` makes of a folder."""
    try:
        done = subprocess.run(
            ["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("kubectl is not installed, so nothing can be kustomized")
    assert done.returncode == 0, done.stderr
    return documents(done.stdout)

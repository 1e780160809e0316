"""What a pipeline tells the commands that run in it: which forge, which pull request, which base.

Sources: "Variables reference" (docs.github.com, GitHub Actions), "Predefined CI/CD variables
reference" (docs.gitlab.com), "Compared to GitHub Actions" (docs.gitea.com: Gitea sets GitHub's
variables, and GITEA_ACTIONS).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gitopsd.config import ForgeKind

_PULL = re.compile(r"refs/pull/(\d+)/(?:merge|head)")
#: Where a token of ours is looked for before the one that the pipeline has by itself.
TOKEN = "GITOPSD_FORGE_TOKEN"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One run of a pipeline; None for what it does not say.

    `base` is the branch that the pull request is to be merged into, as a clone of the pipeline
    knows it, `token_variable` the variable that holds a token.
    """

    kind: ForgeKind | None = None
    url: str | None = None
    repository: str | None = None
    pull_request: int | None = None
    base: str | None = None
    token_variable: str | None = None


def pipeline_of(environment: Mapping[str, str]) -> Pipeline:
    """The pipeline that the environment is of; nothing is known outside of one."""
    if environment.get("GITLAB_CI") == "true":
        return _gitlab(environment)
    if "GITHUB_ACTIONS" in environment or "GITEA_ACTIONS" in environment:
        return _actions(environment)
    return Pipeline(token_variable=_token(environment))


def _actions(environment: Mapping[str, str]) -> Pipeline:
    """GitHub Actions and Gitea Actions, which has the same variables."""
    kind: ForgeKind = "gitea" if "GITEA_ACTIONS" in environment else "github"
    pull = _PULL.fullmatch(environment.get("GITHUB_REF", ""))
    base = environment.get("GITHUB_BASE_REF")
    url = environment.get("GITHUB_API_URL")
    if kind == "gitea" and not url and environment.get("GITHUB_SERVER_URL"):
        url = f"{environment['GITHUB_SERVER_URL'].rstrip('/')}/api/v1"
    return Pipeline(
        kind,
        url or None,
        environment.get("GITHUB_REPOSITORY"),
        int(pull[1]) if pull else None,
        f"origin/{base}" if base else None,
        _token(environment, "GITEA_TOKEN", "GITHUB_TOKEN"),
    )


def _gitlab(environment: Mapping[str, str]) -> Pipeline:
    """GitLab CI; in a pipeline for merged results the target's commit is known exactly."""
    number = environment.get("CI_MERGE_REQUEST_IID", "")
    branch = environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
    return Pipeline(
        "gitlab",
        environment.get("CI_API_V4_URL"),
        # A pipeline of a fork runs in the fork; the merge request is where it is asked for.
        environment.get("CI_MERGE_REQUEST_PROJECT_PATH") or environment.get("CI_PROJECT_PATH"),
        int(number) if number.isdigit() else None,
        environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA")
        or (f"origin/{branch}" if branch else None),
        _token(environment, "GITLAB_TOKEN"),
    )


def _token(environment: Mapping[str, str], *names: str) -> str | None:
    return next((name for name in (TOKEN, *names) if environment.get(name)), None)

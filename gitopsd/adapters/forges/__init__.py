"""GitHub, GitLab and Gitea: issues, comments, commit statuses and pull requests of one repository.

What belongs here: one class for each forge, implementing `ports.Forge` over `adapters.web`. What
does not: what is said there and when. How each forge names things is looked up in its own
documentation, which each module names.
"""

from collections.abc import Mapping
from typing import Final

from gitopsd.adapters.forges.gitea import Gitea
from gitopsd.adapters.forges.github import GitHub
from gitopsd.adapters.forges.gitlab import GitLab

#: The forges by the names that settings have for them.
FORGES: Final[Mapping[str, type[GitHub] | type[GitLab] | type[Gitea]]] = {
    "github": GitHub,
    "gitlab": GitLab,
    "gitea": Gitea,
}

__all__ = ["FORGES", "GitHub", "GitLab", "Gitea"]

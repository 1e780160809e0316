"""The config repository: a local folder, or any revision of a Git repository.

What belongs here: finding the YAML files of one revision and handing out their contents by id,
fetching into a bare clone that is kept between runs, and everything that keeps an untrusted
repository harmless. What does not: YAML, specs, or deciding when to look for new commits.

All use of git and GitPython is in `command`; nothing is ever checked out, so there is no worktree,
no hook, no filter and no link to follow.
"""

from gitopsd.adapters.git.access import GitAccess
from gitopsd.adapters.git.files import Limits
from gitopsd.adapters.git.local import LocalFolder
from gitopsd.adapters.git.repository import GitRepository, open_source

__all__ = ["GitAccess", "GitRepository", "Limits", "LocalFolder", "open_source"]

"""The config repository: a local folder, or any revision of a Git repository.

What belongs here: finding the YAML files of one revision and handing out their contents by id,
fetching into a bare clone that is kept between runs, everything that keeps an untrusted repository
harmless, and bringing an edited file back: into the folder (`writing`), onto a branch
(`committing`), and from there to where the clone came from (`pushing`). What does not: YAML, specs,
or deciding when to look for new commits.

All use of git and GitPython is in `command`; nothing is ever checked out, so there is no worktree,
no hook, no filter and no link to follow.
"""

from gitopsd.adapters.git.access import GitAccess
from gitopsd.adapters.git.committed import CommittedFolder
from gitopsd.adapters.git.committing import LocalRepository
from gitopsd.adapters.git.ending import Ending
from gitopsd.adapters.git.files import Limits
from gitopsd.adapters.git.local import LocalFolder
from gitopsd.adapters.git.pushing import push
from gitopsd.adapters.git.repository import EarlierRevision, GitRepository, open_source
from gitopsd.adapters.git.signatures import Signers
from gitopsd.adapters.git.writing import write_file

__all__ = [
    "CommittedFolder",
    "EarlierRevision",
    "Ending",
    "GitAccess",
    "GitRepository",
    "Limits",
    "LocalFolder",
    "LocalRepository",
    "Signers",
    "open_source",
    "push",
    "write_file",
]

"""Settings: what the options and the environment say, grouped by concern.

They are read once, where a command begins, and each part of the program is handed only its group.
Nothing further in looks at the environment; secrets are never settings, only where they lie.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

#: The forges that are spoken to.
ForgeKind = Literal["github", "gitlab", "gitea"]
#: Prefix of the environment variables that stand for options: `--repo` is `GITOPSD_REPO`.
PREFIX = "GITOPSD_"


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """Where the config repository is read from."""

    path: str = "."
    """A local folder; with `repo`, a folder inside the repository ("." is its root)."""

    repo: str | None = None
    """URL of a Git repository (https, ssh, or a local path); None reads the local folder."""

    revision: str = "HEAD"
    """Branch, tag or commit id of `repo`; HEAD is what the repository names as its default."""

    cache: Path = Path("~/.cache/gitopsd")
    """Where bare clones are kept between runs; it can be thrown away at any time."""

    token_file: Path | None = None
    """File that holds the password or token for https; None: the repository is public."""

    username: str = "git"
    """User name that goes with the token; most hosts accept any."""

    ca_file: Path | None = None
    """Certificate authorities for https that stand in for the system's."""

    ssh_key: Path | None = None
    """Private key for ssh; None: the agent's."""

    known_hosts: Path | None = None
    """Known host keys for ssh; None: the user's. An unknown host is always refused."""


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """How clusters are reached, where options overrule the Fleet."""

    kubeconfig: str | None = None
    """A kubeconfig file; None: KUBECONFIG, in-cluster, or `~/.kube/config`."""

    context: str | None = None
    """A context that stands in for the target's `kubeContext`; for one target only."""

    record_namespace: str = "gitopsd-system"
    """Namespace of the ConfigMap in which each target's last pass is recorded (design §5)."""

    namespaces: tuple[str, ...] = ()
    """The only namespaces that may be looked at and written to; none: all."""


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """How the cloud is reached, where options overrule the defaults."""

    alb_endpoint: str | None = None
    """HOST[:PORT] of the ALB API; None: the region's. Plain HTTP only on loopback."""

    nlb_endpoint: str | None = None
    """HOST[:PORT] of the NLB API; None: the region's."""

    credentials_present: bool = False
    """Whether the environment offers cloud credentials, so that groups are looked for even where
    no spec asks for one."""


@dataclass(frozen=True, slots=True)
class ForgeSettings:
    """One repository at a forge, and the account under which it is spoken to."""

    kind: ForgeKind
    """Which forge it is."""

    repository: str
    """OWNER/NAME; at GitLab with all groups."""

    token_file: Path | None = None
    """File that holds the account's token; it is read again for each connection."""

    token_variable: str | None = None
    """Without a file, the environment variable that holds the token, as pipelines have it."""

    url: str | None = None
    """The address of the API; None: github.com's or gitlab.com's. Gitea has none of its own."""

    ca_file: Path | None = None
    """Certificate authorities for https that stand in for the system's."""

    plain_http: bool = False
    """Allow http beyond loopback."""


@dataclass(frozen=True, slots=True)
class ScopeSettings:
    """What part of the fleet a command is about, and in whose name."""

    target: str | None = None
    """One target of the Fleet; None: all of them."""

    instance: str | None = None
    """The name in our marks on everything made; None: the Fleet's name."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a command was told, by concern."""

    source: SourceSettings = field(default_factory=SourceSettings)
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    cloud: CloudSettings = field(default_factory=CloudSettings)
    scope: ScopeSettings = field(default_factory=ScopeSettings)
    given: frozenset[str] = frozenset()
    """Options, by the names of their values (`cache_dir`), that were given on the command line or
    by a variable: only these go before what a settings file says."""


#: Variables by which Alibaba Cloud's own tools are given credentials (facts §8.2).
_CREDENTIAL_VARIABLES = (
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_CREDENTIALS_FILE",
    "ALIBABA_CLOUD_CREDENTIALS_URI",
    "ALIBABA_CLOUD_ECS_METADATA",
    "ALIBABA_CLOUD_PROFILE",
    "ALIBABA_CLOUD_ROLE_ARN",
)


def cloud_credentials_present(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment names cloud credentials of any kind."""
    return any(environment.get(name) for name in _CREDENTIAL_VARIABLES)


def default_cache(environment: Mapping[str, str] = os.environ) -> Path:
    """Where bare clones are kept unless told otherwise (XDG base directories)."""
    base = environment.get("XDG_CACHE_HOME", "")
    root = Path(base) if base.startswith("/") else Path("~/.cache").expanduser()
    return root / "gitopsd"

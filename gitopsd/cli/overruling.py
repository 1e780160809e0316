"""What options and variables say beside the operator's settings file, or instead of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitopsd.cli.failures import Refusal

if TYPE_CHECKING:
    from gitopsd.config import Settings
    from gitopsd.daemon.settings import OperatorSettings

#: The options that say what a field of the file says.
_OPTIONS = {
    "alb_endpoint": "--alb-endpoint",
    "branch": "--revision",
    "ca_file": "--git-ca-file",
    "cache_dir": "--cache-dir",
    "instance": "--instance",
    "known_hosts_file": "--known-hosts",
    "kubeconfig": "--kubeconfig",
    "listen": "--listen",
    "log": "--log",
    "nlb_endpoint": "--nlb-endpoint",
    "path": "PATH",
    "record_namespace": "--record-namespace",
    "ssh_key_file": "--ssh-key",
    "targets": "--target",
    "token_file": "--git-token-file",
    "url": "--repo",
    "username": "--git-username",
}


@contextmanager
def _told_by_option() -> Iterator[None]:
    """What no file could say is refused in the name of the option, which its variable has too."""
    from gitopsd.daemon.settings import Unfit

    try:
        yield
    except Unfit as error:
        context = click.get_current_context(silent=True)
        option = f"'{_OPTIONS[error.field]}'"
        raise click.BadParameter(f"it {error.why}", context, None, option) from error


def followed(given: Settings) -> OperatorSettings:
    """The settings that follow the one repository of the options. Raises Refusal without one."""
    from gitopsd.daemon.settings import Credentials, OperatorSettings, Repository, fitting

    source, scope = given.source, given.scope
    if source.repo is None:
        raise Refusal(
            "there is nothing to follow",
            "give settings with --config, one repository with --repo, or --sandbox",
        )
    with _told_by_option():
        access = fitting(
            Credentials,
            username=source.username,
            token_file=_text(source.token_file),
            ca_file=_text(source.ca_file),
            ssh_key_file=_text(source.ssh_key),
            known_hosts_file=_text(source.known_hosts),
        )
        repository = fitting(
            Repository,
            name="default",
            url=source.repo,
            branch=source.revision,
            path=source.path,
            instance=scope.instance,
            targets=[scope.target] if scope.target else None,
            credentials=access,
        )
    return OperatorSettings(repositories=[repository])


def overruled(
    file: OperatorSettings, given: Settings, over: Mapping[str, str | None]
) -> OperatorSettings:
    """What options and variables say, and where they say nothing, the file.

    `over` holds the options of `serve` alone. Raises click.BadParameter for what the file could
    not say either.
    """
    from gitopsd.daemon.settings import fitting

    cluster, cloud = given.cluster, given.cloud
    said: dict[str, str | None] = {
        **over,
        "kubeconfig": cluster.kubeconfig or None,
        "alb_endpoint": cloud.alb_endpoint or None,
        "nlb_endpoint": cloud.nlb_endpoint or None,
    }
    if "record_namespace" in given.given:
        said["record_namespace"] = cluster.record_namespace
    if "cache_dir" in given.given:
        said["cache_dir"] = str(given.source.cache)
    told = {name: value for name, value in said.items() if value is not None}
    with _told_by_option():
        return fitting(type(file), **{**dict(file), **told})


def settled(given: Settings, merged: OperatorSettings) -> Settings:
    """The settings that the rest of the program knows, as they are after `overruled`."""
    cache, namespace = merged.cache_dir, merged.record_namespace
    return replace(
        given,
        source=replace(given.source, cache=Path(cache) if cache else given.source.cache),
        cluster=replace(
            given.cluster,
            kubeconfig=merged.kubeconfig,
            record_namespace=namespace or given.cluster.record_namespace,
            namespaces=tuple(merged.namespaces),
        ),
        cloud=replace(
            given.cloud, alb_endpoint=merged.alb_endpoint, nlb_endpoint=merged.nlb_endpoint
        ),
    )


def _text(path: Path | None) -> str | None:
    return str(path) if path else None

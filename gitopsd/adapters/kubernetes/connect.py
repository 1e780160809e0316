"""Finding the cluster: kubeconfig files and the pod's own service account."""

from __future__ import annotations

import os
from pathlib import Path

import yaml
from kubernetes.client import Configuration
from kubernetes.config import ConfigException, load_incluster_config, load_kube_config

from gitopsd import __version__
from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.patience import Patience
from gitopsd.ports import Meter, Misconfigured, Term

#: Go clients never send loopback addresses through a proxy; the Python client must be told.
_LOOPBACK = "localhost,127.0.0.0/8,::1"
_DEFAULT_KUBECONFIG = "~/.kube/config"


def connect(
    kubeconfig: str | None = None,
    context: str | None = None,
    *,
    threads: int = 8,
    timeouts: tuple[float, float] = (5.0, 30.0),
    write_timeouts: tuple[float, float] | None = None,
    patience: Patience | None = None,
    term: Term | None = None,
    meter: Meter | None = None,
) -> Connection:
    """Connect to a cluster as kubectl would.

    A given `kubeconfig`, a given `context` or the variable KUBECONFIG asks for a kubeconfig;
    otherwise a pod uses its own service account, and what runs elsewhere the current context of
    `~/.kube/config`. Nothing is sent yet, but an exec plugin may run. Raises Misconfigured.
    """
    configuration = Configuration()
    path = kubeconfig or os.environ.get("KUBECONFIG") or None
    if path or context or not os.environ.get("KUBERNETES_SERVICE_HOST"):
        _load(configuration, path or _DEFAULT_KUBECONFIG, context)
    else:
        _load_in_cluster(configuration)
    outside = configuration.no_proxy
    configuration.no_proxy = f"{outside},{_LOOPBACK}" if outside else _LOOPBACK
    return Connection(
        configuration,
        user_agent=f"gitopsd/{__version__}",
        threads=threads,
        timeouts=timeouts,
        write_timeouts=write_timeouts,
        patience=patience,
        term=term,
        meter=meter,
    )


def _load(configuration: Configuration, path: str, context: str | None) -> None:
    about = f"kubeconfig {path}" + (f", context {context}" if context else "")
    _look(about, path)
    try:
        # Refreshed tokens stay in memory: a file that others edit is not ours to write.
        load_kube_config(
            config_file=path,
            context=context,
            client_configuration=configuration,
            persist_config=False,
        )
    except ConfigException as error:
        mend = "see kubectl config get-contexts, and set kubeContext in fleet.yaml"
        raise Misconfigured(about, str(error), mend) from error
    except yaml.YAMLError as error:
        raise Misconfigured(about, f"not YAML: {' '.join(str(error).split())}") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Misconfigured(about, f"cannot be used: {error}") from error


def _look(about: str, path: str) -> None:
    """Say that the file is not there: the library calls it invalid. Raises Misconfigured.

    Of several files, as in KUBECONFIG, one will do.
    """
    files = [Path(name).expanduser() for name in path.split(os.pathsep) if name]
    if any(file.exists() for file in files):
        return
    if path == _DEFAULT_KUBECONFIG:
        detail = "there is no such file, and neither --kubeconfig nor KUBECONFIG names another"
        raise Misconfigured(about, detail, "name a kubeconfig, or run in a pod of the cluster")
    mend = "check --kubeconfig, GITOPSD_KUBECONFIG and KUBECONFIG"
    raise Misconfigured(about, "there is no such file", mend)


def _load_in_cluster(configuration: Configuration) -> None:
    try:
        load_incluster_config(client_configuration=configuration)
    except (ConfigException, OSError) as error:
        mend = "mount the service account's token (automountServiceAccountToken)"
        raise Misconfigured("the pod's service account", str(error), mend) from error

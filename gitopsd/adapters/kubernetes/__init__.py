"""One Kubernetes cluster, read and written over its HTTP API.

What belongs here: connecting (kubeconfig, in-cluster), requests with retries, paged lists,
server-side apply, and the translation of the API's refusals into the errors of `ports`. What does
not: knowing what an object should look like, which difference matters, or what to do about it.

The official client supplies configuration, credentials, TLS and the connection pool; its typed
models are not used, because decoding ten thousand Services through them costs four times the CPU
and memory of the raw JSON.
"""

from gitopsd.adapters.kubernetes.cluster import KubernetesCluster
from gitopsd.adapters.kubernetes.connect import connect
from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.lease import KubernetesLease
from gitopsd.adapters.kubernetes.record import record_name
from gitopsd.adapters.patience import Patience

__all__ = [
    "Connection",
    "KubernetesCluster",
    "KubernetesLease",
    "Patience",
    "connect",
    "record_name",
]

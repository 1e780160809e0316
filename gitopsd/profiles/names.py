"""Forms of names and ids, and the names that gitopsd makes (design §2, "Rules")."""

from __future__ import annotations

import hashlib
import re

from gitopsd.profiles.servergroups import NAME_LENGTH

#: A DNS-1035 label: Services and routes.
DNS_1035 = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
#: Name of a Service port, and of a container port that a targetPort names.
PORT_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
CONTAINER_PORT = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?")
#: Key and value of a label.
LABEL_KEY = re.compile(
    r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?", re.ASCII
)
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?", re.ASCII)

#: Id of a server group; vendor samples mask the end of theirs with asterisks.
GROUP_ID = re.compile(r"sgp-[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?")
MASKED_GROUP_ID = re.compile(r"sgp-[a-z0-9]*\*+")
#: Id of a VPC, zone and vSwitch: none of them may break out of an annotation that joins them.
CLOUD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")

#: Longest name of an instance: it goes into labels, tags, members' descriptions and group names.
INSTANCE_LENGTH = 40

#: An annotation's name has 63 characters, of which `actions.` takes 8 (facts §4.2).
ROUTE_LENGTH = 55

#: Prefix of an instance id -> ServerType of the member (facts §6.3).
SERVER_TYPES = {"i": "Ecs", "eci": "Eci", "eni": "Eni"}
INSTANCE_ID = re.compile(r"(i|eci|eni)-[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?")

_CUT_HASH = 10


def backend_service(exposure: str, route: str, number: int) -> str:
    """Name of the Service made for the `number`-th backend of a route that is given as pods.

    Numbers count the backends given as pods, from 1, so that one given otherwise may come and go
    without renaming a Service that serves.
    """
    return f"{exposure}-{route}-{number}"


def group_name(instance: str, namespace: str, name: str) -> str:
    """Name of a cloud group; a longer one is cut and ends with a hash of the whole."""
    full = f"gitopsd-{instance}-{namespace}-{name}"
    if len(full) <= NAME_LENGTH:
        return full
    tail = hashlib.sha256(full.encode()).hexdigest()[:_CUT_HASH]
    return f"{full[: NAME_LENGTH - _CUT_HASH - 1]}-{tail}"


def server_type(instance_id: str) -> str:
    """ServerType of a member given by instance id; Ecs where the id has no known prefix."""
    return SERVER_TYPES.get(instance_id.partition("-")[0], "Ecs")

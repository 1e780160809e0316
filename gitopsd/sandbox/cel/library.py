"""All functions by name, and the names of types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gitopsd.sandbox.cel import cluster_values, collections, operators, semver, texts, types
from gitopsd.sandbox.cel.signatures import Overload, declared
from gitopsd.sandbox.cel.types import Type

FUNCTIONS: Final[Mapping[str, list[Overload]]] = declared(
    {
        **operators.FUNCTIONS,
        **texts.FUNCTIONS,
        **collections.FUNCTIONS,
        **cluster_values.FUNCTIONS,
        **semver.FUNCTIONS,
    }
)
_OPAQUE: Final = (
    "kubernetes.Quantity", "kubernetes.URL", "kubernetes.Semver", "net.IP", "net.CIDR",
)  # fmt: skip
#: Types as values: what `type(x)` is compared with.
TYPES: Final[Mapping[str, Type]] = {
    "bool": types.BOOL,
    "int": types.INT,
    "uint": types.UINT,
    "double": types.DOUBLE,
    "string": types.STRING,
    "bytes": types.BYTES,
    "null_type": types.NULL,
    "list": types.list_of(types.DYN),
    "map": types.map_of(types.DYN, types.DYN),
    "type": types.TYPE,
    "google.protobuf.Duration": types.DURATION,
    "google.protobuf.Timestamp": types.TIMESTAMP,
    "optional_type": types.optional_of(types.DYN),
    **{name: Type("opaque", name) for name in _OPAQUE},
}

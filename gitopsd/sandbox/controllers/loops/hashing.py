"""The hash labels by which the controllers tell whether they have seen an object (facts §2)."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from hashlib import sha224
from typing import Any, Final

import yaml

from gitopsd.sandbox.controllers.objects import Item, annotations_of, labels_of

ALB_HASH: Final = "alb.ingress.kubernetes.io/hash"
SERVICE_HASH: Final = "service.beta.kubernetes.io/hash"
_SKIPPED: Final = "alibabacloud.com/reconcile.hash"
_TEXT: Final = "tag:yaml.org,2002:str"
_BASE: Final[type[Any]] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_BASE):  # type: ignore[misc]
    """YAML in the controllers' style: texts that look like another type in double quotes."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal lists out instead of naming them."""
        del data
        return True


def _text(dumper: Any, value: str) -> Any:
    style = None if dumper.resolve(yaml.ScalarNode, value, (True, False)) == _TEXT else '"'
    return dumper.represent_scalar(_TEXT, value, style=style)


_Dumper.add_representer(str, _text)


def service_hash(service: Item) -> str:
    """The hash of what the Service controllers look at; a label changes nothing of it."""
    spec = service["spec"]
    parts = [
        spec.get("ports"),
        spec.get("type"),
        spec.get("externalTrafficPolicy"),
        spec.get("loadBalancerClass"),
        annotations_of(service),
        service["metadata"].get("deletionTimestamp"),
        spec.get("loadBalancerSourceRanges"),
    ]
    return _hash(parts)


def alb_hash(item: Item) -> str:
    """The hash of an Ingress or an AlbConfig: spec, annotations and deletion."""
    metadata = item["metadata"]
    return _hash([item.get("spec"), annotations_of(item), metadata.get("deletionTimestamp")])


def is_seen(item: Item, label: str, value: str) -> bool:
    """Whether an object carries the hash of its present content."""
    return labels_of(item).get(label, "").lower() == value


def _hash(parts: Sequence[Any]) -> str:
    kept = _without_nothing(copy.deepcopy(list(parts)))
    text = yaml.dump(
        kept, Dumper=_Dumper, default_flow_style=False, width=10**9, allow_unicode=True
    )
    return sha224(text.encode()).hexdigest()


def _without_nothing(value: Any) -> Any:
    """Leave out what is empty: members everywhere, items only of the outermost list."""
    if isinstance(value, list):
        for each in value:
            _without_nothing(each)
        return [each for each in value if each]
    if isinstance(value, dict):
        for key in list(value):
            if key == _SKIPPED or not value[key]:
                del value[key]
            else:
                _without_nothing(value[key])
    return value

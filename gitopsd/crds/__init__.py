"""The kinds that gitopsd adds to a cluster, as CustomResourceDefinitions to apply.

What belongs here: one YAML manifest for each kind, and reading it. What does not: the kinds that
users write into Git (`spec`; some of these mirror them), and writing objects of these kinds
(`adapters.kubernetes`).
"""

from __future__ import annotations

from importlib.resources import files

#: Name of a kind's plural -> what its objects are.
KINDS = {
    "driftreports": "what was changed behind Git's back, since when, and by whom",
    "exposures": "what Git exposes at this target, and how it stands",
    "servergroups": "servers outside the cluster as Git names them, and how they stand",
}


def manifest(plural: str) -> str:
    """The YAML of one definition; raises KeyError for a kind that is not ours."""
    if plural not in KINDS:
        raise KeyError(plural)
    return (files(__name__) / f"{plural}.yaml").read_text(encoding="utf-8")


def manifests() -> str:
    """All of them, ready for `kubectl apply --server-side -f -`."""
    return "---\n".join(manifest(plural) for plural in KINDS)

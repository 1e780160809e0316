"""Which Exposure or ServerGroup a person means."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from gitopsd.cli.failures import Refusal
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import Identity


def subjects_of(desired: DesiredTarget) -> set[Identity]:
    """The Exposures and ServerGroups that make something at a target."""
    return {item.exposure for item in desired.objects.values()} | set(desired.groups)


def subject_named(targets: Mapping[str, DesiredTarget], name: str) -> Identity:
    """What NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME means; raises Refusal."""
    known = sorted(set().union(*(subjects_of(desired) for desired in targets.values())))
    parts = name.split("/")
    found = [item for item in known if str(item).split("/")[-len(parts) :] == parts]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(map(str, found))
        raise Refusal(f"{name} may be any of {names}", "say which, as KIND/NAMESPACE/NAME")
    near = difflib.get_close_matches(parts[-1], [item.name for item in known], n=3)
    meant = [str(item) for item in known if item.name in near]
    raise Refusal(
        f"no Exposure or ServerGroup {name} makes anything at the chosen targets",
        f"is it {' or '.join(meant)}?" if meant else "gitopsd validate tells of errors in its file",
    )

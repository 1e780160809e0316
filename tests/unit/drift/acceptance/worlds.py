"""Specs that were applied and then edited by hand, and what accepting the edits makes of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from gitopsd.compiler import compile_specs
from gitopsd.drift.acceptance import Acceptance, Scene, accept
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedGroup, ObservedMember, ObservedTarget
from gitopsd.model.verdict import Difference, Verdict
from gitopsd.rules import check
from gitopsd.spec.document import SpecSet
from gitopsd.spec.reading import read_specs
from tests.unit.build import OWNER, found, live, live_group
from tests.unit.spec.sources import Memory

TODAY = date(2026, 11, 22)
FLEET = """\
apiVersion: gitopsd.io/v1alpha1
kind: Fleet
metadata: {name: acme}
spec:
  targets:
  - name: edge
    region: cn-hangzhou
    vpc: {id: vpc-1, cidrs: [172.16.0.0/16]}
    networkPlugin: PLUGIN
    nodes: {cloudLabel: zone=cloud}
    albs: [{ingressClass: alb}, {ingressClass: inner, scheme: Intranet}]
    nlb: {zones: {cn-hangzhou-k: vsw-a, cn-hangzhou-j: vsw-b}}
    networks:
    - name: idc
      location: OnPremises
      cidrs: [192.168.20.0/24]
      cen: cen-1
      transitRouter: tr-1
      vbr: vbr-1
      expressConnect: pc-1
"""
FILE = "things.yaml"
IDS = {"warehouse": "sgp-warehouse", "depot": "sgp-depot"}


def specs_of(text: str, plugin: str = "Flannel") -> SpecSet:
    return read_specs(Memory({"fleet.yaml": FLEET.replace("PLUGIN", plugin), FILE: text}))


def compiled(specs: SpecSet) -> DesiredTarget:
    state = compile_specs(specs, check(specs))
    assert [p for p in state.problems if p.is_error] == []
    return state.targets["edge"]


@dataclass
class World:
    """One file that was applied to one target; edits of what stands there; what drift says."""

    text: str
    plugin: str = "Flannel"
    observed: ObservedTarget = field(init=False)
    specs: SpecSet = field(init=False)

    def __post_init__(self) -> None:
        self.specs = specs_of(self.text, self.plugin)
        desired = compiled(self.specs)
        ids = {identity: IDS[identity.name] for identity in desired.groups}
        self.observed = found(
            *(live(item, ids) for item in desired.objects.values()),
            *(live_group(item, ids[item.identity]) for item in desired.groups.values()),
        )

    @property
    def scene(self) -> Scene:
        return Scene(self.specs, self.observed, OWNER, TODAY)

    def edit(self, kind: str, name: str, change: Callable[[dict[str, Any]], Any]) -> None:
        """Let `change` loose on the live object."""
        identity = Identity(kind, "shop", name)
        item = self.observed.objects[identity]
        manifest = copy.deepcopy(item.manifest)
        change(manifest)
        objects = {**self.observed.objects, identity: replace(item, manifest=manifest)}
        self.observed = replace(self.observed, objects=objects)

    def delete(self, kind: str, name: str) -> None:
        gone = Identity(kind, "shop", name)
        objects = {i: o for i, o in self.observed.objects.items() if i != gone}
        record = found().record
        self.observed = replace(self.observed, objects=objects, record=record)

    def group(
        self,
        name: str,
        members: Callable[[list[ObservedMember]], list[ObservedMember]] | None = None,
        **attributes: Any,
    ) -> None:
        """Change the members or attributes of a live group; a mapping is merged."""

        def changed(group: ObservedGroup) -> ObservedGroup:
            if group.identity is None or group.identity.name != name:
                return group
            merged = dict(group.attributes)
            for key, value in attributes.items():
                old = merged.get(key)
                merged[key] = {**old, **value} if isinstance(old, Mapping) else value
            now = list(group.members)
            return replace(
                group, attributes=merged, members=tuple(members(now) if members else now)
            )

        groups = tuple(changed(group) for group in self.observed.groups)
        self.observed = replace(self.observed, groups=groups)

    def verdict(self, subject: Identity, text: str | None = None) -> Verdict | None:
        specs = self.specs if text is None else specs_of(text, self.plugin)
        judgement = self.scene.judge(specs)
        assert judgement is not None
        return judgement.verdicts.get(subject)

    def differences(self, subject: Identity) -> tuple[Difference, ...]:
        verdict = self.verdict(subject)
        return verdict.differences if verdict else ()

    def accept(self, subject: Identity, *paths: str) -> Acceptance:
        selected = [d for d in self.differences(subject) if not paths or d.path in paths]
        assert selected, "nothing has drifted"
        return accept(self.scene, subject, self.text.encode(), selected)


def exposure(name: str = "checkout") -> Identity:
    return Identity("Exposure", "shop", name)


def server_group(name: str = "warehouse") -> Identity:
    return Identity("ServerGroup", "shop", name)

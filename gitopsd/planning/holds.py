"""What guards say, as data: when each of them holds a step, in which words, and what lets it go on.

docs/reference/guards.md is written from these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitopsd.model.plan import Chinese, Guard, Hold
from gitopsd.model.position import Position
from gitopsd.model.wording import in_chinese
from gitopsd.planning.holds_chinese import CHINESE

#: When a guard holds a step.
WHEN: Mapping[Guard, str] = {
    Guard.TARGET: "The Fleet pins the target to a cluster with `clusterUid`, and the one that"
    " answers is another, or does not tell its uid. Nothing at all is written",
    Guard.INCOMPLETE: "Something could not be read, and the step deletes or replaces",
    Guard.EMPTIED: "The repository has no Exposure and no ServerGroup, and the step deletes."
    " A target with `state: Retiring` is emptied all the same",
    Guard.UNREADABLE: "A file holds documents that cannot be told apart, or was not read, and the"
    " step deletes: the document that is missing may stand in that file",
    Guard.MAX_DELETES: "The plan deletes more Services, Ingresses and groups than the Fleet's"
    " `guards.maxDeletes`; targets that are being emptied (`state: Retiring`) included",
    Guard.MAX_DELETE_PERCENT: "The plan deletes at least 5 things, and more than the Fleet's"
    " `guards.maxDeletePercent` of all that is ours at the target",
    Guard.ALIKE: "More than half of what is ours at the target, and at least 5 things, drifted in"
    " the same way (the same field moved in the same direction, or all of it was deleted), and the"
    " step would put that right. What Git changed never counts",
    Guard.CAPACITY: "A route that stays, or a group, would be left without a member that serves; or"
    " a route would lead to nothing but what somebody has set to 0 by hand in the same Ingress, and"
    " that 0 could not stay, or would be that of other pods. A route that Git gives to another"
    " Exposure follows Git",
    Guard.SHARED: "The step deletes a server group that has members which others added",
    Guard.COPY: "The step deletes a Service or Ingress that carries our labels, while gitopsd owns"
    " no field of it and the target's record does not know it: somebody copied one of ours",
    Guard.REPLACEMENT: "The thing cannot become what is wanted and has to be made anew, which"
    " gives it another address or id",
    Guard.ADOPTION: "Something that is not ours stands where the plan writes",
    Guard.CONFLICT: "The server group that the spec names with `serverGroupId` cannot be taken",
    Guard.NAMESPACE: "The namespace of the thing does not exist",
    Guard.BACKEND: "A backend could not take traffic, or is a server group or Service of ours that"
    " somebody deleted, or whose ports somebody moved, and that the drift policy leaves so; or a"
    " Service would be deleted while an Ingress still sends traffic to it",
    Guard.DEPENDENCY: "The step needs another one that is held. A Service that would lead to other"
    " pods waits for the Ingress too, where a route to it changes",
    Guard.WINDOW: "The operator's settings give changes (`sync`) or drift (`drift`) a window, which"
    " is closed now. A step that brings a change and puts drift right counts as a change",
}

#: How to go on where Git's numbers would lead a 0 that somebody set by hand to other pods.
_ZERO_MOVES = (
    "raise the weight by hand, or apply --correct, which follows Git; or take what is to get"
    " nothing out of Git"
)

#: name -> (guard, why the step is held, how to go on); the texts take the named values.
HOLDS: Mapping[str, tuple[Guard, str, str]] = {
    "wrong-cluster": (
        Guard.TARGET,
        "target {target} is pinned to cluster {pinned}, but this cluster {found}",
        "use the right context, or correct clusterUid in fleet.yaml",
    ),
    "incomplete": (
        Guard.INCOMPLETE,
        "nothing is deleted while we may not have seen everything; not read: {gaps}",
        "mend what could not be read, and plan again",
    ),
    "emptied": (
        Guard.EMPTIED,
        "the repository has no Exposure and no ServerGroup: a wrong folder or branch looks the same"
        " as one that was emptied on purpose, so nothing is deleted",
        "give the right folder or branch; to empty a target for good, say state: Retiring in"
        " fleet.yaml",
    ),
    "unreadable": (
        Guard.UNREADABLE,
        "{reasons}: what Git no longer seems to ask for may stand there, so nothing is deleted",
        "mend what could not be read",
    ),
    "max-deletes": (
        Guard.MAX_DELETES,
        "{deletions} in one pass: maxDeletes allows {limit}",
        "",
    ),
    "max-delete-percent": (
        Guard.MAX_DELETE_PERCENT,
        "{deletions} in one pass: that is {percent} % of the {total} things of ours at this"
        " target, more than maxDeletePercent {limit}",
        "",
    ),
    "alike": (
        Guard.ALIKE,
        "{count} of the {total} things of ours at this target drifted alike ({what}{who}). One"
        " cause is behind that: a person, a webhook, a restored backup, another cluster than you"
        " think, or gitopsd itself. Find it before this is put right",
        "",
    ),
    "route": (
        Guard.CAPACITY,
        "it would leave route {routes} without a serving member",
        "give one of its groups a member with a weight above 0",
    ),
    "drained": (
        Guard.CAPACITY,
        "it would give requests to what was set to 0 by hand{by}: {routes}; and Git uses the action"
        " or the route that says so for something else",
        "raise the weight by hand, or apply --correct; or leave the destination out in Git",
    ),
    "renumbered": (
        Guard.CAPACITY,
        "{pods} was set to 0 by hand{by} as {service}, and would get requests as {others}",
        _ZERO_MOVES,
    ),
    "passed-on": (
        Guard.CAPACITY,
        "the weight of {service} was set to 0 by hand{by} for {pods}, and would be that of"
        " {others}",
        _ZERO_MOVES,
    ),
    "group": (
        Guard.CAPACITY,
        "it would leave group {id} of {group} without a serving member",
        "keep a member with a weight above 0",
    ),
    "silent-group": (
        Guard.CAPACITY,
        "it would leave group {id} of {group} without a member that answers its health checks",
        "see why those that would stay do not answer, or keep one that does",
    ),
    "named-group": (
        Guard.CAPACITY,
        "{ingress} stays and sends traffic to group {id}",
        "take the backend out of {ingress} as well",
    ),
    "shared": (
        Guard.SHARED,
        "group {id} has members that others added, and they would go with it: {members}",
        "have them removed",
    ),
    "copy": (
        Guard.COPY,
        "{identity} carries our labels, but gitopsd never wrote it: it is a copy, {by}",
        "to keep it, take the labels gitopsd.io/instance and gitopsd.io/target off it",
    ),
    "replacement": (
        Guard.REPLACEMENT,
        "{why}",
        "--replace {identity}",
    ),
    "replaced-drained": (
        Guard.REPLACEMENT,
        "{id} was set to 0 by hand{by} in {ingress}, and the new group would get what Git says",
        "--replace {identity}",
    ),
    "foreign": (
        Guard.ADOPTION,
        "{identity} exists, and is not ours: it was {by}",
        "--adopt {identity}",
    ),
    "stripped": (
        Guard.ADOPTION,
        "{identity} exists and does not carry our labels (our labels were taken off it); it was"
        " {by}",
        "--adopt {identity}",
    ),
    "rival": (
        Guard.ADOPTION,
        "{identity} belongs to another gitopsd (instance {instance}, target {target}, for Exposure"
        " {exposure}), and both would write it in turn",
        "take it out of that one's repository; or take it over, and that one will find it taken:"
        " --adopt {identity} --adopt-from {owner}",
    ),
    "stripped-group": (
        Guard.ADOPTION,
        "group {id} serves as {identity}, but our tags were taken off it: it is neither changed nor"
        " made a second time",
        "--adopt {identity}",
    ),
    "members": (
        Guard.ADOPTION,
        "without our mark, though in the spec and in the group: {members} (added by somebody else,"
        " or the mark was edited)",
        "--adopt {group}",
    ),
    "conflict": (
        Guard.CONFLICT,
        "{reason}",
        "give another serverGroupId, or none",
    ),
    "stray": (
        Guard.CONFLICT,
        "{reason}",
        "put our tags back by hand, or name the group as serverGroupId",
    ),
    "namespace": (
        Guard.NAMESPACE,
        "namespace {namespace} does not exist in the cluster, and gitopsd makes none",
        "kubectl create namespace {namespace}",
    ),
    "confined": (
        Guard.NAMESPACE,
        "namespace {namespace} is none of those that gitopsd is confined to here",
        "add {namespace} to namespaces in gitopsd.yaml, with its rights",
    ),
    "no-service": (
        Guard.BACKEND,
        "Service {service} does not exist: its share of the traffic would go nowhere, without an"
        " error",
        "create Service {service}, or take the backend out",
    ),
    "no-port": (
        Guard.BACKEND,
        "Service {service} has no port {port} (it declares {declared}): one such backend stops"
        " every Ingress of the ALB",
        "use a declared port, or add port {port} to Service {service}",
    ),
    "internal": (
        Guard.BACKEND,
        "Service {service} is of type ClusterIP, which with Flannel only the cluster reaches:"
        " one such backend stops every Ingress of the ALB",
        "make it a NodePort",
    ),
    "left-group": (
        Guard.BACKEND,
        "{group} was deleted by hand and is left so by {why}, so it has no id to name",
        "apply --correct, which makes it again; or {end}; or take the backend out in Git",
    ),
    "left-service": (
        Guard.BACKEND,
        "{service} was deleted by hand and is left so by {why}: its share of the traffic would go"
        " nowhere, without an error",
        "apply --correct, which makes it again; or {end}; or take the backend out in Git",
    ),
    "left-port": (
        Guard.BACKEND,
        "{service} has no port {port} (it declares {declared}) and is left so by {why}: one such"
        " backend stops every Ingress of the ALB",
        "apply --correct, which puts it right; or {end}; or have Git ask for a port that it"
        " declares",
    ),
    "left-internal": (
        Guard.BACKEND,
        "{service} is of type ClusterIP and is left so by {why}; with Flannel only the cluster"
        " reaches it: one such backend stops every Ingress of the ALB",
        "apply --correct, which puts it right; or {end}",
    ),
    "routed": (
        Guard.BACKEND,
        "{ingress} stays and sends traffic to it",
        "take the backend out of {ingress} as well",
    ),
    "left-routed": (
        Guard.BACKEND,
        "{ingress} is left as somebody made it, and sends traffic to it",
        "apply --correct, which follows Git; or put right by hand what is left of {ingress}",
    ),
    "dependency": (
        Guard.DEPENDENCY,
        "it needs a step that is held: {step}",
        "",
    ),
    "window": (
        Guard.WINDOW,
        "{why}",
        "nothing is to be done: it goes on by itself then",
    ),
}


def hold(name: str, position: Position | None = None, **values: Any) -> Hold:
    """The hold of that name with its values filled in; `position` is the spec line behind it."""
    guard, reason, release = HOLDS[name]
    known = {key: in_chinese(str(value)) for key, value in values.items()}
    why, way = (text.format(**known) for text in CHINESE[name])
    return Hold(
        guard, reason.format(**values), release.format(**values), position, Chinese(why, way)
    )

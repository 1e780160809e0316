"""Answers to a caller's questions about itself: what may I do, who am I."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.access import ABOUT_ONESELF, EVERYTHING, Attributes, User
from gitopsd.sandbox.kubernetes.resources import Item, Resource

_ASKED: Final = ("verb", "group", "resource", "subresource", "namespace", "name")


def _access(resource: Resource, item: Item, user: User) -> Item:
    asked = item["spec"].get("resourceAttributes")
    path = item["spec"].get("nonResourceAttributes")
    if (asked is None) == (path is None):
        why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        problem = errors.invalid_value("spec.resourceAttributes", asked, why)
        if path is not None:
            shown = {"Path": path.get("path", ""), "Verb": path.get("verb", "")}
            why = "cannot be specified in combination with resourceAttributes"
            problem = errors.invalid_value("spec.nonResourceAttributes", shown, why)
        raise errors.invalid(errors.GroupName(resource.group, ""), "", [problem])
    metadata = item["metadata"]
    if metadata.keys() - {"managedFields"}:
        problem = errors.invalid_value("metadata", metadata, "must be empty")
        raise errors.invalid(errors.GroupName(resource.group, ""), "", [problem])
    if asked is not None:
        allowed = user.may(Attributes(*(asked.get(member, "") for member in _ASKED)))
    else:
        allowed = user.may_at(path.get("path", ""), path.get("verb", ""))
    status: Item = {"allowed": allowed}
    if allowed and EVERYTHING not in user.rules:
        status |= _reason(asked)
    return {**item, "status": status}


def _reason(asked: Item | None) -> Item:
    """Which of the roles that everybody has allows it; rights of a user's own have no name."""
    role = "system:discovery"
    if asked is not None:
        if asked.get("resource") not in ABOUT_ONESELF:
            return {}
        role = "system:basic-user"
    binding = f'ClusterRoleBinding "{role}" of ClusterRole "{role}"'
    return {"reason": f'RBAC: allowed by {binding} to Group "system:authenticated"'}


def _rules(_resource: Resource, item: Item, user: User) -> Item:
    resources: list[Item] = [
        {
            "verbs": ["create"],
            "apiGroups": ["authorization.k8s.io", "authentication.k8s.io"],
            "resources": list(ABOUT_ONESELF),
        }
    ]
    namespace = item["spec"].get("namespace", "")
    for rule in user.rules:
        if rule.namespaces and namespace not in rule.namespaces:
            continue
        shown: Item = {"verbs": list(rule.verbs), "apiGroups": list(rule.groups)}
        shown["resources"] = list(rule.resources)
        if rule.names:
            shown["resourceNames"] = list(rule.names)
        resources.append(shown)
    status = {
        "resourceRules": resources,
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": list(user.paths)}],
        "incomplete": False,
    }
    return {**item, "status": status}


def _identity(_resource: Resource, item: Item, user: User) -> Item:
    return {**item, "status": {"userInfo": {"username": user.name, "groups": list(user.groups)}}}


Review = Callable[[Resource, Item, User], Item]
#: How each review is answered, by the resource's plural name.
REVIEWS: Final[dict[str, Review]] = {
    "selfsubjectaccessreviews": _access,
    "selfsubjectreviews": _identity,
    "selfsubjectrulesreviews": _rules,
}

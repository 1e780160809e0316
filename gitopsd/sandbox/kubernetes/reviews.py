"""Answers to a caller's questions about itself: what may I do, who am I."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from gitopsd.sandbox.kubernetes import errors, formats
from gitopsd.sandbox.kubernetes.access import (
    ABOUT_IDENTITY,
    ABOUT_ONESELF,
    ABOUT_RIGHTS,
    EVERYTHING,
    Attributes,
    User,
)
from gitopsd.sandbox.kubernetes.resources import Item, Resource
from gitopsd.sandbox.kubernetes.selectors import SelectorError, parse_fields, parse_labels

#: Paths that the server's own roles open: for the service account issuer, discovery, and all.
_PATHS: Final = (
    ("/.well-known", "/.well-known/*"),
    ("/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*",
     "/readyz", "/version", "/version/"),
    ("/healthz", "/livez", "/readyz", "/version", "/version/"),
)  # fmt: skip
_SELECTORS: Final = ("fieldSelector", "labelSelector")
_ASKED: Final = ("verb", "group", "resource", "subresource", "namespace", "name")


def _access(resource: Resource, item: Item, user: User, _now: str) -> Item:
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
    problems = [one for name in _SELECTORS for one in _selector_problems(asked or {}, name)]
    if problems:
        raise errors.invalid(errors.GroupName(resource.group, ""), "", problems)
    if asked is not None:
        allowed = user.may(Attributes(*(asked.get(member, "") for member in _ASKED)))
    else:
        allowed = user.may_at(path.get("path", ""), path.get("verb", ""))
    status: Item = {"allowed": allowed}
    if allowed and EVERYTHING not in user.rules:
        status |= _reason(asked)
    ignored = [told for name in _SELECTORS for told in _ignored(asked or {}, name)]
    if ignored:
        status["evaluationError"] = ", ".join(ignored)
    return {**item, "status": status}


def _selector_problems(asked: Item, name: str) -> Iterator[errors.FieldProblem]:
    """Rules of a selector that a right is limited to: as text, or as requirements."""
    selector, field = asked.get(name), f"spec.resourceAttributes.{name}"
    if selector is None:
        return
    raw, requirements = selector.get("rawSelector", ""), selector.get("requirements") or []
    if raw and requirements:
        why = "may not specified at the same time as requirements"
        yield errors.invalid_value(f"{field}.rawSelector", raw, why)
    elif not raw and not requirements:
        why = f"when {field} is specified, requirements or rawSelector is required"
        yield errors.required_value(f"{field}.requirements", why)
    for index, one in enumerate(requirements):
        at = f"{field}.requirements[{index}]"
        yield from _requirement_problems(one, at)
        yield from (_label_problems if name == "labelSelector" else _field_problems)(one, at)


def _ignored(asked: Item, name: str) -> Iterator[str]:
    """What of a selector is not understood, and so does not limit what is asked."""
    selector = asked.get(name)
    if selector is None:
        return
    of_labels = name == "labelSelector"
    raw, requirements = selector.get("rawSelector", ""), selector.get("requirements") or []
    known = [_is_understood(one, of_labels=of_labels) for one in requirements]
    if raw:
        try:
            known = [True]
            parse_labels(raw) if of_labels else parse_fields(raw, None)
        except SelectorError:
            known = [False]
    if not all(known):
        how = "partially ignored" if any(known) else "ignored"
        yield f"spec.resourceAttributes.{name} {how} due to parse error"


def _is_understood(one: Item, *, of_labels: bool) -> bool:
    operator = one.get("operator", "")
    if of_labels:
        return operator in ("In", "NotIn", "Exists", "DoesNotExist")
    return operator in ("In", "NotIn") and len(one.get("values") or ()) == 1


def _label_problems(one: Item, field: str) -> Iterator[errors.FieldProblem]:
    key = one.get("key", "")
    for fault in formats.qualified_name(key):
        yield errors.invalid_value(f"{field}.key", key, fault)
    for index, value in enumerate(one.get("values") or ()):
        for fault in formats.label_value(value):
            yield errors.invalid_value(f"{field}.values[{index}]", value, fault)


def _field_problems(one: Item, field: str) -> Iterator[errors.FieldProblem]:
    if not one.get("key"):
        yield errors.required_value(f"{field}.key", "must be specified")


def _requirement_problems(one: Item, field: str) -> Iterator[errors.FieldProblem]:
    operator, values = one.get("operator", ""), one.get("values") or []
    if operator in ("In", "NotIn") and not values:
        why = "must be specified when `operator` is 'In' or 'NotIn'"
        yield errors.required_value(f"{field}.values", why)
    if operator in ("Exists", "DoesNotExist") and values:
        why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        yield errors.forbidden_value(f"{field}.values", why)


def _reason(asked: Item | None) -> Item:
    """Which of the roles that everybody has allows it; rights of a user's own have no name."""
    role = "system:discovery"
    if asked is not None:
        if asked.get("resource") not in ABOUT_ONESELF:
            return {}
        role = "system:basic-user"
    binding = f'ClusterRoleBinding "{role}" of ClusterRole "{role}"'
    return {"reason": f'RBAC: allowed by {binding} to Group "system:authenticated"'}


def _rules(_resource: Resource, item: Item, user: User, _now: str) -> Item:
    namespace = item["spec"].get("namespace", "")
    if not namespace:
        raise errors.bad_request("no namespace on request")
    resources: list[Item] = [_right("authorization.k8s.io", ABOUT_RIGHTS)]
    resources.append(_right("authentication.k8s.io", ABOUT_IDENTITY))
    for rule in user.rules:
        if rule.namespaces and namespace not in rule.namespaces:
            continue
        shown: Item = {"verbs": list(rule.verbs), "apiGroups": list(rule.groups)}
        shown["resources"] = list(rule.resources)
        if rule.names:
            shown["resourceNames"] = list(rule.names)
        resources.append(shown)
    paths: list[Item] = [{"verbs": ["get"], "nonResourceURLs": list(one)} for one in _PATHS]
    if EVERYTHING in user.rules:
        paths.append({"verbs": ["*"], "nonResourceURLs": ["*"]})
    status = {"resourceRules": resources, "nonResourceRules": paths, "incomplete": False}
    return {**item, "metadata": {}, "spec": {}, "status": status}


def _right(group: str, resources: tuple[str, ...]) -> Item:
    return {"verbs": ["create"], "apiGroups": [group], "resources": list(resources)}


def _identity(_resource: Resource, item: Item, user: User, now: str) -> Item:
    shown = {"username": user.name, "uid": user.uid, "groups": list(user.groups)}
    about = {name: value for name, value in shown.items() if value}
    return {**item, "metadata": {"creationTimestamp": now}, "status": {"userInfo": about}}


Review = Callable[[Resource, Item, User, str], Item]
#: How each review is answered at an instant, by the resource's plural name.
REVIEWS: Final[dict[str, Review]] = {
    "selfsubjectaccessreviews": _access,
    "selfsubjectreviews": _identity,
    "selfsubjectrulesreviews": _rules,
}

"""Reviews of oneself: asked by POST, answered, never stored."""

from __future__ import annotations

from typing import Final

from gitopsd.sandbox.kubernetes.kinds.metadata import top_level
from gitopsd.sandbox.kubernetes.resources import Resource
from gitopsd.sandbox.kubernetes.schema import BOOLEAN, STRING, atomic_list, struct

_REQUIREMENT: Final = struct(
    "LabelSelectorRequirement",
    {"key!": STRING, "operator!": STRING, "values": atomic_list(STRING)},
)
_SELECTOR: Final = struct(
    "SelectorAttributes", {"rawSelector": STRING, "requirements": atomic_list(_REQUIREMENT)}
)
_ATTRIBUTES: Final = struct(
    "ResourceAttributes",
    {
        "namespace": STRING,
        "verb": STRING,
        "group": STRING,
        "version": STRING,
        "resource": STRING,
        "subresource": STRING,
        "name": STRING,
        "fieldSelector?": _SELECTOR,
        "labelSelector?": _SELECTOR,
    },
)
_PATHS: Final = struct("NonResourceAttributes", {"path": STRING, "verb": STRING})
_ACCESS_STATUS: Final = struct(
    "SubjectAccessReviewStatus",
    {"allowed!": BOOLEAN, "denied": BOOLEAN, "reason": STRING, "evaluationError": STRING},
)
_LIST: Final = atomic_list(STRING)
_RULES_STATUS: Final = struct(
    "SubjectRulesReviewStatus",
    {
        "resourceRules!": atomic_list(
            struct(
                "ResourceRule",
                {"verbs!": _LIST, "apiGroups": _LIST, "resources": _LIST, "resourceNames": _LIST},
            )
        ),
        "nonResourceRules!": atomic_list(
            struct("NonResourceRule", {"verbs!": _LIST, "nonResourceURLs": _LIST})
        ),
        "incomplete!": BOOLEAN,
        "evaluationError": STRING,
    },
)
_USER: Final = struct(
    "UserInfo", {"username": STRING, "uid": STRING, "groups": atomic_list(STRING)}
)
RESOURCES: Final = (
    Resource(
        "authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews",
        "selfsubjectreview", False,
        top_level(
            "SelfSubjectReview",
            {"status!": struct("SelfSubjectReviewStatus", {"userInfo!": _USER})},
        ),
        zero={"metadata": {}, "status": {"userInfo": {}}},
        verbs=("create",),
    ),
    Resource(
        "authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews",
        "selfsubjectaccessreview", False,
        top_level(
            "SelfSubjectAccessReview",
            {
                "spec!": struct(
                    "SelfSubjectAccessReviewSpec",
                    {"resourceAttributes?": _ATTRIBUTES, "nonResourceAttributes?": _PATHS},
                ),
                "status!": _ACCESS_STATUS,
            },
        ),
        zero={"metadata": {}, "spec": {}, "status": {"allowed": False}},
        verbs=("create",),
    ),
    Resource(
        "authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews",
        "selfsubjectrulesreview", False,
        top_level(
            "SelfSubjectRulesReview",
            {
                "spec!": struct("SelfSubjectRulesReviewSpec", {"namespace": STRING}),
                "status!": _RULES_STATUS,
            },
        ),
        zero={
            "metadata": {},
            "spec": {},
            "status": {"resourceRules": [], "nonResourceRules": [], "incomplete": False},
        },
        verbs=("create",),
    ),
)  # fmt: skip

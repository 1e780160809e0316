"""Who asks and what they may: bearer tokens, users and their rules, all of it data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.errors import GroupName

_ANY: Final = "*"
_MASTERS: Final = "system:masters"
#: What a refusal calls those whom a user would act as, by how their names begin.
_IMPERSONATED: Final = {
    "system:serviceaccount:": "serviceaccount",
    "system:node:": "arbitrary-node",
}
#: What every user who is known may ask about itself.
ABOUT_RIGHTS: Final = ("selfsubjectaccessreviews", "selfsubjectrulesreviews")
ABOUT_IDENTITY: Final = ("selfsubjectreviews",)
ABOUT_ONESELF: Final = (*ABOUT_RIGHTS, *ABOUT_IDENTITY)
#: Paths that no resource is at: a star at the end opens what is below as well.
_PUBLIC_PATHS: Final = ("/healthz", "/livez", "/readyz", "/version", "/version/")
_DISCOVERY_PATHS: Final = (
    "/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", *_PUBLIC_PATHS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """A right: verbs on resources of groups, in some namespaces and on some names or all.

    "*" stands for all. `resources` are plural names, with `/status` and the like for
    subresources. Empty `namespaces` means every namespace and what has none; empty `names` every
    object.
    """

    verbs: tuple[str, ...]
    groups: tuple[str, ...]
    resources: tuple[str, ...]
    namespaces: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def allows(self, asked: Attributes) -> bool:
        """Whether the rule covers a request."""
        resource = asked.resource
        if asked.subresource:
            resource += "/" + asked.subresource
        return (
            _covers(self.verbs, asked.verb)
            and _covers(self.groups, asked.group)
            and _covers(self.resources, resource)
            and (not self.namespaces or asked.namespace in self.namespaces)
            and (not self.names or asked.name in self.names)
        )


def _covers(listed: tuple[str, ...], asked: str) -> bool:
    return _ANY in listed or asked in listed


EVERYTHING: Final = Rule((_ANY,), (_ANY,), (_ANY,))


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a request wants to do to which resource."""

    verb: str
    group: str
    resource: str
    subresource: str = ""
    namespace: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class PathAttributes:
    """What a request wants to do at a path that no resource is at."""

    verb: str
    path: str


@dataclass(frozen=True, slots=True)
class User:
    """An authenticated caller: the name in refusals, groups and rules, and a uid if it has one."""

    name: str
    groups: tuple[str, ...] = ("system:authenticated",)
    rules: tuple[Rule, ...] = ()
    uid: str = ""

    def may(self, asked: Attributes) -> bool:
        """Whether any rule allows it."""
        if asked.resource in ABOUT_ONESELF and self != ANONYMOUS:
            return True
        return any(rule.allows(asked) for rule in self.rules)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that are no resources and that it may read; `*` stands for any ending."""
        if EVERYTHING in self.rules:
            return (_ANY,)
        return _PUBLIC_PATHS if self == ANONYMOUS else _DISCOVERY_PATHS

    def may_at(self, path: str, verb: str = "get") -> bool:
        """Whether a verb is allowed at a path that is no resource; most may only read."""
        if verb not in ("get", "head") and EVERYTHING not in self.rules:
            return False
        return any(
            path.startswith(one[:-1]) if one.endswith(_ANY) else path == one for one in self.paths
        )


ANONYMOUS: Final = User("system:anonymous", ("system:unauthenticated",))


@dataclass(slots=True)
class Access:
    """Tokens and the users they stand for; tests add tokens with the rights they want."""

    tokens: dict[str, User] = field(default_factory=dict)

    def grant(self, token: str, user: str, rules: Iterable[Rule] = ()) -> User:
        """Let a token stand for a user with these rules; who may do everything is a master."""
        known = User(user, rules=tuple(rules), uid=user)
        if EVERYTHING in known.rules:
            known = replace(known, groups=(_MASTERS, *known.groups))
        self.tokens[token] = known
        return known

    def authenticate(self, authorization: str) -> User:
        """The caller behind an Authorization header ("" without one).

        Raises:
            errors.ApiError: 401 for a token nobody knows.
        """
        scheme, _, token = authorization.partition(" ")
        if not authorization or scheme.lower() != "bearer":
            return ANONYMOUS
        token = token.partition(" ")[0]
        if not token:
            return ANONYMOUS
        user = self.tokens.get(token)
        if user is None:
            raise errors.unauthorized()
        return user

    def impersonated(
        self, user: User, headers: Mapping[str, str], asked: Attributes | PathAttributes
    ) -> User:
        """Whom a caller acts as in what is `asked`: itself, or whom its Impersonate headers name.

        Raises:
            errors.ApiError: 403 when it may not act as others.
        """
        name = headers.get("impersonate-user", "")
        if not name:
            return user
        if not user.may(Attributes("impersonate", "", "users", name=name)):
            kinds = (kind for start, kind in _IMPERSONATED.items() if name.startswith(start))
            verb = f"impersonate-on:{next(kinds, 'user-info')}:{asked.verb}"
            raise refusal(user, replace(asked, verb=verb))
        known = (one for one in self.tokens.values() if one.name == name)
        return next(known, User(name))

    def authorize(self, user: User, asked: Attributes) -> None:
        """Let the request pass or refuse it.

        Raises:
            errors.ApiError: 403 in the server's words.
        """
        if not user.may(asked):
            raise refusal(user, asked)

    def authorize_path(self, user: User, path: str, verb: str = "get") -> None:
        """The same for a path that is no resource.

        Raises:
            errors.ApiError: 403.
        """
        if not user.may_at(path, verb):
            raise refusal(user, PathAttributes(verb, path))


def refusal(user: User, asked: Attributes | PathAttributes) -> errors.ApiError:
    """403 in the server's words for what a user may not do."""
    if isinstance(asked, PathAttributes):
        why = f'User "{user.name}" cannot {asked.verb} path "{asked.path}"'
        return errors.forbidden(GroupName("", ""), "", why)
    resource = asked.resource + ("/" + asked.subresource if asked.subresource else "")
    where = f' in the namespace "{asked.namespace}"' if asked.namespace else " at the cluster scope"
    why = (
        f'User "{user.name}" cannot {asked.verb} resource "{resource}" '
        f'in API group "{asked.group}"{where}'
    )
    return errors.forbidden(GroupName(asked.group, asked.resource), asked.name, why)

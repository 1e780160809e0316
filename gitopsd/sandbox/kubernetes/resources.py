"""What a resource is: its names, its type, and the few decisions that differ from kind to kind.

A `Resource` is data plus a `Behaviour`: small pure functions for defaults, preparation and
validation. The verbs in `cluster` are the same for every resource.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from gitopsd.sandbox.kubernetes import formats
from gitopsd.sandbox.kubernetes.errors import ApiError, FieldProblem, GroupName
from gitopsd.sandbox.kubernetes.fieldsets import Node, from_paths
from gitopsd.sandbox.kubernetes.schema import Type
from gitopsd.sandbox.kubernetes.store import Record

Item = dict[str, Any]
Step = Literal["change", "whole", "own", "own change"]
Lookup = Callable[[str], Iterable[Item]]
ALL_VERBS: Final = (
    "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
)  # fmt: skip
STATUS: Final = "status"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: how it is called and how its cell is found.

    `priority` 0 is shown always, 1 only in wide output. `shown` makes the cell of what was found
    and the time it is now, in seconds since the epoch; without it the cell is what was found.
    """

    name: str
    cell: Callable[[Item], Any]
    type: str = "string"
    format: str = ""
    description: str = ""
    priority: int = 0
    shown: Callable[[Any, float], Any] | None = None


class View(Protocol):
    """Another kind that an object is seen and written as, through an endpoint of its own."""

    @property
    def form(self) -> Resource:
        """The other kind."""

    def seen(self, item: Item) -> Item:
        """What a read answers. Raises ApiError where the object cannot be seen so."""

    def begun(self, item: Item) -> Item:
        """What a write starts from."""

    def written(self, item: Item, seen: Item) -> Item:
        """The object after a write. Raises ApiError for what it cannot take."""

    def unreadable(self) -> ApiError:
        """What is said of a body that is none of the other kind."""

    def unconverted(self, applied: Item) -> ApiError:
        """What an apply is answered that would change what is seen."""

    def unapplied(self) -> ApiError:
        """What an apply is answered."""


@dataclass(frozen=True, slots=True)
class Subresource:
    """A part of an object with an endpoint of its own.

    A write through it changes only the top-level members in `writes` (and, unless `status_only`,
    metadata); a write through the main endpoint leaves those alone when `exclusive`. With a `view`
    the endpoint speaks of another kind, which writes what it may into the object.
    """

    name: str
    writes: tuple[str, ...]
    verbs: tuple[str, ...] = ("get", "patch", "update")
    exclusive: bool = True
    keeps_metadata: bool = False
    ignored: Node = field(default_factory=dict)
    view: View | None = None


def _nothing(*_: Any) -> None:
    return None


def _no_problems(*_: Any) -> Iterator[FieldProblem]:
    return iter(())


@dataclass(frozen=True, slots=True)
class MetadataRules:
    """How often a kind's own rules look at metadata, besides those that hold for every object.

    A broken rule is reported by everyone who looks. `on_create`: the kind does on a create.
    `on_update`: its steps on an update, "whole" as on a create and "change" against the old state;
    "own" are the kind's other rules and "own change" those about the change, where they do not
    come last.
    `known_finalizers`: a finalizer without a domain has to be one that the server knows.
    """

    on_create: bool = True
    on_update: tuple[Step, ...] = ("change", "whole")
    known_finalizers: bool = True


def _no_warnings(_new: Item, _old: Item | None) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a kind decides for itself.

    * `default(item)`: fill in what the server adds on reading, in place.
    * `admit(new, listed)`: what admission adds to a new object, in place; `listed` gives the
      objects of a collection.
    * `begin_end(item, now)`: the state in which an object that is to be deleted waits for the
      server's own controller, or None for kinds that need none.
    * `prepare(new, old)`: reset or derive before storing, in place; `old` is None on create.
    * `validate(new, old)`: violated rules, in the order the real server reports them.
    * `validate_change(new, old)`: rules of a change that "own change" puts among the others.
    * `validate_status(new, old)`: the same for a write through the status endpoint.
    * `warn(new, old)`: what the client is told about an object that is taken.
    * `name`: the format of `metadata.name`.
    * `unconditional_update`: a PUT without resourceVersion overwrites.
    * `create_on_update`: a PUT of a missing object creates it.
    * `gets_addresses`: cluster IPs and node ports are given out to it.
    * `metadata`: what the kind's own rules say about metadata.
    """

    default: Callable[[Item], None] = _nothing
    admit: Callable[[Item, Lookup], None] = _nothing
    begin_end: Callable[[Item, str], Item | None] = _nothing
    prepare: Callable[[Item, Item | None], None] = _nothing
    validate: Callable[[Item, Item | None], Iterable[FieldProblem]] = _no_problems
    validate_change: Callable[[Item, Item], Iterable[FieldProblem]] = _no_problems
    validate_status: Callable[[Item, Item], Iterable[FieldProblem]] = _no_problems
    warn: Callable[[Item, Item | None], Iterable[str]] = _no_warnings
    name: Callable[[str], list[str]] = formats.dns_subdomain
    unconditional_update: bool = True
    create_on_update: bool = False
    gets_addresses: bool = False
    metadata: MetadataRules = MetadataRules()


@dataclass(frozen=True, slots=True)
class Sibling:
    """A version of a resource, as who manages fields sees it from another version.

    `ignored` has what a write through an endpoint of that name cannot change ("" is the object's
    own), where that version says anything about it.
    """

    type: Type
    ignored: Mapping[str, Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One resource in one version.

    `etcd_path` is said where the server stores objects in a folder of another name than usual.

    `storage` names the collection that holds the objects: versions of a resource share it.
    `from_storage` makes an object of what is held in an apiVersion, `to_storage` what is held of
    it; both leave the object that they are given as it is. `siblings` are all versions that the
    fields of a custom resource may be managed in, by apiVersion.
    `generation_of` lists the members whose change raises `metadata.generation`; empty
    means the kind has no generation. `untyped` kinds (custom resources) keep what their schema
    tells and are written with sorted members, list items included. `whole` is the type with what
    `type` leaves open, where that is said elsewhere. `warnings` are told to every client that uses
    this version.
    """

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    namespaced: bool
    type: Type
    zero: Mapping[str, Any]
    behaviour: Behaviour = field(default_factory=Behaviour)
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: Mapping[str, Subresource] = field(default_factory=dict)
    generation_of: tuple[str, ...] = ()
    main_ignored: Node = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    selectable: Mapping[str, Callable[[Item], str]] = field(default_factory=dict)
    untyped: bool = False
    whole: Type | None = None
    list_kind: str = ""
    storage: str = ""
    storage_version_hash: str = ""
    etcd_path: str = ""
    to_storage: Callable[[Item], Item] | None = None
    from_storage: Callable[[Item, str], Item] | None = None
    siblings: Mapping[str, Sibling] = field(default_factory=dict)
    openapi: Mapping[str, Any] | None = None
    reader: Callable[[Item, list[str], bool], Item] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """`group/version`, or `version` in the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def named(self) -> GroupName:
        """The resource as refusals name it."""
        return GroupName(self.group, self.plural)

    @property
    def storage_group(self) -> str:
        """The group that validation speaks of: that of the stored form."""
        return "" if self.is_alias else self.group

    @property
    def is_alias(self) -> bool:
        """Whether it shows the objects of another group's resource."""
        return bool(self.storage) and self.from_storage is not None

    def seen(self, record: Record) -> Item:
        """A stored object in this version; kind and apiVersion are nobody's business yet."""
        item = record.item()
        return item if self.from_storage is None else self.from_storage(item, record.version)

    @property
    def collection(self) -> str:
        """The name of the collection the objects are stored in."""
        return self.storage or str(self.named)

    @property
    def registry(self) -> str:
        """The folder that holds the objects in the server's own store, as refusals name it."""
        usual = f"{self.group}/{self.plural}" if self.untyped else self.plural
        return "/registry/" + (self.etcd_path or usual)

    @property
    def list_name(self) -> str:
        """The kind of a list of these."""
        return self.list_kind or self.kind + "List"


STATUS_ONLY: Final = from_paths(("f:status",))
SPEC_ONLY: Final = from_paths(("f:spec",))


def status_endpoint(*, ignored: Node = SPEC_ONLY, keeps_metadata: bool = False) -> Subresource:
    """The usual status subresource."""
    return Subresource(STATUS, (STATUS,), ignored=ignored, keeps_metadata=keeps_metadata)


class Registry:
    """The resources a server serves, by group, version and plural name."""

    def __init__(self, resources: Sequence[Resource] = ()) -> None:
        self._by_path: dict[tuple[str, str, str], Resource] = {}
        self._builtin: set[tuple[str, str, str]] = set()
        for resource in resources:
            self.add(resource)
        self._builtin = set(self._by_path)

    def add(self, resource: Resource) -> None:
        """Serve a resource; one of the same group, version and name is replaced."""
        self._by_path[(resource.group, resource.version, resource.plural)] = resource

    def remove(self, group: str, plural: str) -> None:
        """Stop serving a resource in all its versions."""
        for path in [p for p in self._by_path if (p[0], p[2]) == (group, plural)]:
            if path not in self._builtin:
                del self._by_path[path]

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        """The resource at a path, or None."""
        return self._by_path.get((group, version, plural))

    def named(self, name: str) -> Resource:
        """A resource by `plural` or `plural.group`, in the version served first.

        Raises:
            KeyError: there is none.
        """
        for resource in self._by_path.values():
            if name == str(resource.named):
                return resource
        raise KeyError(name)

    def all(self) -> list[Resource]:
        """Every resource, in the order of registration."""
        return list(self._by_path.values())

    def is_builtin(self, group: str) -> bool:
        """Whether a group is one of the server's own."""
        return any(one == group for one, _, _ in self._builtin)

    def groups(self) -> dict[str, list[str]]:
        """Groups with their versions, the core group as ""."""
        found: dict[str, list[str]] = {}
        for group, version, _ in self._by_path:
            versions = found.setdefault(group, [])
            if version not in versions:
                versions.append(version)
        return found

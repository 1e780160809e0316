"""The verbs over HTTP: from an understood request to an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import orjson

from gitopsd.sandbox.kubernetes import errors, protobuf, tables
from gitopsd.sandbox.kubernetes.access import Attributes, User
from gitopsd.sandbox.kubernetes.cluster import Cluster
from gitopsd.sandbox.kubernetes.committing import Outcome, WriteOptions
from gitopsd.sandbox.kubernetes.deleting import (
    DELETE_OPTIONS,
    DeleteOptions,
    deleted_status,
    read_delete_options,
)
from gitopsd.sandbox.kubernetes.gotext import quote
from gitopsd.sandbox.kubernetes.goyaml import YamlError
from gitopsd.sandbox.kubernetes.list_options import check_list_options
from gitopsd.sandbox.kubernetes.negotiation import (
    Wanted,
    check_streamed,
    negotiated,
    no_list,
    no_single,
    offer_of,
)
from gitopsd.sandbox.kubernetes.parsing import (
    parse_json,
    parse_object,
    parse_patch,
    parse_yaml,
    yaml_value,
)
from gitopsd.sandbox.kubernetes.reading import (
    ListQuery,
    Page,
    check_syntax,
    item_bytes,
    metadata_bytes,
    page_bytes,
    parse_selection,
    watched_revision,
)
from gitopsd.sandbox.kubernetes.requests import (
    Request,
    Target,
    body_type,
    check_body_type,
    patch_kind,
    write_options,
)
from gitopsd.sandbox.kubernetes.resources import Resource
from gitopsd.sandbox.kubernetes.responses import Response, in_yaml, of_json
from gitopsd.sandbox.kubernetes.reviews import REVIEWS
from gitopsd.sandbox.kubernetes.selectors import exact_value
from gitopsd.sandbox.kubernetes.store import Record, record_of
from gitopsd.sandbox.kubernetes.watching import WatchQuery, default_seconds

_RETURNED_ON_DELETE: Final = ("services",)
_BIG: Final = 500
_INCLUDED: Final = ("Metadata", "Object", "None")


@dataclass(frozen=True, slots=True)
class Call:
    """A request, what it is about, and who asks."""

    request: Request
    target: Target
    user: User


class Handlers:
    """Answers requests about resources, all but watches, from one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._verbs: dict[str, Callable[[Call], Response]] = {
            "get": self._get,
            "list": self._list,
            "create": self._create,
            "update": self._update,
            "patch": self._patch,
            "delete": self._delete,
            "deletecollection": self._delete_collection,
        }

    def answer(self, verb: str, call: Call) -> Response:
        """Perform a verb.

        Raises:
            errors.ApiError: the request is refused.
        """
        return self._verbs[verb](call)

    # -- reading

    def _get(self, call: Call) -> Response:
        request, target = call.request, call.target
        resource = target.resource
        wanted = negotiated(request.accept, offer_of(resource))
        self._cluster.check_revision(resource, request.parameter("resourceVersion"))
        record = self._cluster.record(resource, target.namespace, target.name)
        if record is None:
            raise errors.not_found(resource.named, target.name)
        resource, record = _seen(target, record)
        return self._single(request, resource, record, 200, wanted)

    def _single(
        self, request: Request, resource: Resource, record: Record, status: int, wanted: Wanted
    ) -> Response:
        if wanted.form == "metadata":
            if wanted.many:
                raise no_list(resource)
            body = metadata_bytes(record, wanted.version)
        else:
            body = item_bytes(resource, record)
        if wanted.form == "table":
            version = record.item()["metadata"].get("resourceVersion")
            metadata = {"resourceVersion": version} if version else {}
            body = self._table(request, resource, [body], metadata, wanted.version)
        answer = Response(status, body)
        return in_yaml(answer) if wanted.yaml else answer

    def _table(
        self,
        request: Request,
        resource: Resource,
        bodies: list[bytes],
        metadata: dict[str, Any],
        version: str,
    ) -> bytes:
        items = [orjson.loads(body) for body in bodies]
        include = _included(request)
        now = self._cluster.clock().timestamp()
        shown = tables.table(resource, items, metadata, now, include=include, version=version)
        return orjson.dumps(shown)

    def _list(self, call: Call) -> Response:
        request, target = call.request, call.target
        resource = target.resource
        wanted = negotiated(request.accept, offer_of(resource, streams=True))
        page = self._cluster.page(resource, self.list_query(request, target))
        return self._many(request, resource, page, wanted)

    def _many(self, request: Request, resource: Resource, page: Page, wanted: Wanted) -> Response:
        if wanted.form == "metadata" and not wanted.many:
            raise no_single(resource)
        if wanted.form == "table":
            bodies = [item_bytes(resource, record) for record in page.records]
            body = self._table(request, resource, bodies, page.metadata, wanted.version)
        else:
            pieces = page_bytes(resource, page, wanted)
            if len(page.records) > _BIG and not wanted.yaml:
                return Response(200, pieces)
            body = b"".join(pieces)
        return in_yaml(Response(200, body)) if wanted.yaml else Response(200, body)

    def list_query(self, request: Request, target: Target, *, watches: bool = False) -> ListQuery:
        """What a list or deletecollection request selects.

        Raises:
            errors.ApiError: 400 for parameters that cannot be understood.
        """
        limit = request.number("limit")
        request.number("timeoutSeconds")
        labels, fields = request.parameter("labelSelector"), request.parameter("fieldSelector")
        check_syntax(labels, fields)
        check_list_options(request, watches=watches)
        version, token = request.parameter("resourceVersion"), request.parameter("continue")
        if version == "0" and not token:  # any state will do: the server's cache knows no pages
            limit = 0
        if target.name:
            fields = ",".join(one for one in (fields, f"metadata.name={target.name}") if one)
        if exact_value(fields, "metadata.name") and not token:
            limit = 0  # one object by its name is no list to go on with
        return ListQuery(
            namespace=target.namespace or exact_value(fields, "metadata.namespace"),
            selection=parse_selection(target.resource, labels, fields),
            limit=max(limit, 0),
            token=token,
            resource_version=version,
            match=request.parameter("resourceVersionMatch"),
        )

    def watch_query(self, request: Request, target: Target) -> WatchQuery:
        """What a watch request asks for.

        Raises:
            errors.ApiError: 400 or 422 for parameters that cannot be understood.
        """
        wanted = negotiated(request.accept, offer_of(target.resource, streams=True))
        query = self.list_query(request, target, watches=True)
        include = _included(request) if wanted.form == "table" else ""
        check_streamed(wanted)
        seconds = request.parameter("timeoutSeconds")
        initial = request.flag("sendInitialEvents")
        since = watched_revision(query.resource_version)
        if not since and "sendInitialEvents" in request.query and not initial:
            since = self._cluster.store.revision
        return WatchQuery(
            resource=target.resource,
            namespace=target.namespace,
            selection=query.selection,
            since=since if since and not initial else None,
            seconds=float(seconds) if seconds.isdigit() and int(seconds) else default_seconds(),
            bookmarks=request.flag("allowWatchBookmarks"),
            initial_end=initial and request.flag("allowWatchBookmarks"),
            wanted=wanted,
            include=include,
        )

    # -- writing

    def _body(self, call: Call) -> Any:
        request, resource = call.request, call.target.resource
        kind = body_type(request, resource)
        if kind == protobuf.MEDIA_TYPE:
            protobuf.check(request.body, resource.kind)
            return protobuf.read(request.body, resource.type, resource.group)
        return parse_object(resource, request.body, yaml_body=kind.endswith("yaml"))

    def _create(self, call: Call) -> Response:
        request, target = call.request, call.target
        if target.resource.plural in REVIEWS:
            return self._review(call)
        named = target.name and (target.subresource or not target.resource.untyped)
        if named or (target.resource.namespaced and not target.namespace):
            raise errors.method_not_allowed()
        wanted = negotiated(request.accept, offer_of(target.resource))
        check_body_type(request, target.resource)
        options = write_options(request)
        body = self._body(call)
        outcome = self._cluster.insert(target.resource, target.namespace, body, options)
        return self._written(call, outcome, wanted)

    def _update(self, call: Call) -> Response:
        request, target = call.request, call.target
        target.check_name()
        wanted = negotiated(request.accept, offer_of(target.resource))
        check_body_type(request, target.resource)
        options = self._options(call)
        body = self._body(call)
        outcome = self._cluster.replace(
            target.resource, target.subresource, target.namespace, target.name, body, options
        )
        return self._written(call, outcome, wanted)

    def _patch(self, call: Call) -> Response:
        request, target = call.request, call.target
        kind = patch_kind(request, target.resource)
        target.check_name()
        wanted = negotiated(request.accept, offer_of(target.resource))
        options = self._options(call)

        def read() -> Any:
            if kind == "apply":
                return parse_yaml(request.body)
            return parse_patch(kind, request.body, options.validation)

        outcome = self._cluster.change(
            target.resource,
            target.subresource,
            target.namespace,
            target.name,
            cast(Any, kind),
            read,
            options,
        )
        return self._written(call, outcome, wanted)

    def _options(self, call: Call) -> WriteOptions:
        target = call.target

        def check_create() -> None:
            asked = Attributes(
                "create",
                target.resource.group,
                target.resource.plural,
                target.subresource,
                target.namespace,
                target.name,
            )
            self._cluster.access.authorize(call.user, asked)

        return replace(write_options(call.request), check_create=check_create)

    def _written(self, call: Call, outcome: Outcome, wanted: Wanted) -> Response:
        status = 201 if outcome.created else 200
        resource, record = _seen(call.target, outcome.record)
        response = self._single(call.request, resource, record, status, wanted)
        response.warnings = outcome.warnings
        return response

    def _delete_options(self, request: Request) -> DeleteOptions:
        body: Any = None
        if request.content_type == protobuf.MEDIA_TYPE:
            body = protobuf.read(request.body, DELETE_OPTIONS)
        elif request.body:
            body = self._read_options(request)
        query = {name: request.parameter(name) for name in request.query}
        dry_run = body is None and write_options(request).dry_run
        return read_delete_options(body, query, dry_run)

    @staticmethod
    def _read_options(request: Request) -> Any:
        """The body of a delete; what is there, if only null, stands for the whole query."""
        if body_type(request).endswith("yaml"):
            try:
                value = yaml_value(request.body)
            except YamlError as error:
                raise errors.bad_request(str(error)) from error
            return {} if value is None else value
        try:
            value = parse_json(request.body)
        except ValueError as error:
            why = f"couldn't get version/kind; json parse error: {error}"
            raise errors.bad_request(why) from error
        return {} if value is None else value

    def _delete(self, call: Call) -> Response:
        request, target = call.request, call.target
        resource = target.resource
        options = self._delete_options(request)
        wanted = negotiated(request.accept, offer_of(target.resource))
        deletion = self._cluster.erase(resource, target.namespace, target.name, options)
        if deletion.gone and resource.collection not in _RETURNED_ON_DELETE:
            done = of_json(deleted_status(resource, deletion.record))
            return in_yaml(done) if wanted.yaml else done
        return self._single(request, resource, deletion.record, 200, wanted)

    def _delete_collection(self, call: Call) -> Response:
        request, target = call.request, call.target
        resource = target.resource
        options = self._delete_options(request)
        wanted = negotiated(request.accept, offer_of(resource, streams=True))
        page = self._cluster.page(resource, self.list_query(request, target))
        for record in page.records:
            try:
                self._cluster.erase(resource, record.namespace, record.name, options)
            except errors.ApiError as error:
                if error.reason != "NotFound":  # somebody else was faster
                    raise
        return self._many(request, resource, page, wanted)

    def _review(self, call: Call) -> Response:
        resource = call.target.resource
        wanted = negotiated(call.request.accept, offer_of(resource))
        options = write_options(call.request)
        item = self._cluster.tracked(resource, self._body(call), options)
        now = self._cluster.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
        answered = REVIEWS[resource.plural](resource, item, call.user, now)
        return self._single(call.request, resource, record_of(answered, 0), 201, wanted)


def _seen(target: Target, record: Record) -> tuple[Resource, Record]:
    """What a target shows of a stored object, and as which kind.

    Raises:
        errors.ApiError: 500 when the object has nothing of what is to be shown.
    """
    resource, name = target.resource, target.subresource
    view = resource.subresources[name].view if name else None
    if view is None:
        return resource, record
    return view.form, record_of(view.seen(resource.seen(record)), record.revision)


def _included(request: Request) -> str:
    """How much of each object a table's rows carry.

    Raises:
        errors.ApiError: 400 for a word that means nothing.
    """
    include = request.parameter("includeObject") or _INCLUDED[0]
    if include not in _INCLUDED:
        why = "must be 'Metadata', 'Object', 'None', or empty"
        shown = f"includeObject: Invalid value: {quote(include)}: {why}"
        raise errors.bad_request(f"Unable to convert to Table as requested: {shown}")
    return include

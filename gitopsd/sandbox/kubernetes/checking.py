"""Which rules a new state has to obey, in the order in which the real server reports them.

Some rules of metadata hold for every object, and most kinds look at metadata once more, each in
its own way: whoever looks reports what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsd.sandbox.kubernetes import formats
from gitopsd.sandbox.kubernetes.errors import FieldProblem
from gitopsd.sandbox.kubernetes.kinds.metadata import metadata_problems, metadata_update_problems
from gitopsd.sandbox.kubernetes.resources import Item, Resource, Subresource


def creation_problems(resource: Resource, item: Item) -> list[FieldProblem]:
    """What is wrong with a new object: by the rules of its kind, else by those of every object."""
    found: list[FieldProblem] = []
    if resource.behaviour.metadata.on_create:
        found += _whole(resource, item)
    found += resource.behaviour.validate(item, None)
    return found or list(_anyone(resource, item))


def update_problems(
    resource: Resource, sub: Subresource | None, item: Item, live: Item
) -> Iterator[FieldProblem]:
    """What is wrong with a new state of an object, or of the part a subresource stands for."""
    behaviour = resource.behaviour
    known = behaviour.metadata.known_finalizers
    yield from _anyone(resource, item)
    yield from metadata_update_problems(item, live)
    steps = behaviour.metadata.on_update
    for step in steps if "own" in steps else (*steps, "own"):
        if step == "change":
            yield from metadata_update_problems(item, live, known_finalizers=known)
        elif step == "own":
            check = behaviour.validate if sub is None else behaviour.validate_status
            yield from check(item, live)
        elif sub is None:
            changes = behaviour.validate_change(item, live)
            yield from _whole(resource, item) if step == "whole" else changes


def _anyone(resource: Resource, item: Item) -> Iterator[FieldProblem]:
    namespaced = resource.namespaced
    return metadata_problems(item, namespaced=namespaced, name=formats.path_segment)


def _whole(resource: Resource, item: Item) -> Iterator[FieldProblem]:
    behaviour = resource.behaviour
    return metadata_problems(
        item,
        namespaced=resource.namespaced,
        name=behaviour.name,
        known_finalizers=behaviour.metadata.known_finalizers,
    )

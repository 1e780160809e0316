from __future__ import annotations

import pytest

from gitopsd.daemon.operator import orders_of
from gitopsd.daemon.settings import Repository
from gitopsd.engine.repository import Reading
from tests.unit.rules.repository import fleet, layer4, specs, state


@pytest.mark.parametrize(
    ("given", "instance", "named"), [(None, "acme", ""), ("acme", "acme", ""), ("eu", "eu", "eu")]
)
def test_commands_have_to_name_an_instance_that_is_not_the_fleets(
    given: str | None, instance: str, named: str
) -> None:
    documents = (fleet(), layer4())
    reading = Reading(specs(*documents), state(*documents, instance=given))
    repository = Repository(name="shop", url="/srv/shop.git", instance=given)
    (order,) = (orders_of(repository, reading) or {}).values()
    assert (order.owner.instance, order.named) == (instance, named)

"""What the SDK's generated models know: wire names and types of their members."""

from __future__ import annotations

import importlib
import inspect
import re
import typing
from typing import Any

MODELS = {
    "alb": importlib.import_module("alibabacloud_alb20200616.models"),
    "nlb": importlib.import_module("alibabacloud_nlb20220430.models"),
}


def members(model: Any) -> dict[str, Any]:
    """Wire names of a model's members with their annotations, read from the generated code."""
    source = inspect.getsource(model.from_map)
    hints = typing.get_type_hints(model.__init__, vars(inspect.getmodule(model)))
    found = {}
    for block in source.split("if m.get('")[1:]:
        attribute = re.search(r"self\.(\w+)", block)
        assert attribute is not None
        found[block.partition("'")[0]] = hints[attribute.group(1)]
    return found

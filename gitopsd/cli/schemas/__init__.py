"""JSON Schemas of what commands print with `-o json`.

What belongs here: the shape of each output, put together from the enumerations of `model`. What
does not: making the output (the value's `to_json`), its envelope (`cli.outputs`), or the schemas of
specs (`spec.schema`). A test checks real outputs against these.
"""

from gitopsd.cli.schemas.outputs import SCHEMAS

__all__ = ["SCHEMAS"]

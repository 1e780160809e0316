"""The schema of a route and of where its requests go."""

from __future__ import annotations

from gitopsd.cli.schemas.drift import EXCEPTION
from gitopsd.cli.schemas.shapes import NUMBER, STRING, Schema, array, nullable, record, texts
from gitopsd.model.traffic import Doing, Place, RouteState, Takes

_PERCENT: Schema = {"type": "number", "minimum": 0, "maximum": 100}
_COUNT = nullable(NUMBER)
_SHARE = nullable(record({"weight": _COUNT, "percent": _PERCENT}))
_SIDES: Schema = {"wanted": _SHARE, "live": _SHARE}

_SERVER = record(
    {"name": STRING, **_SIDES, "healthy": {"type": ["boolean", "null"]}},
    text="A member of a group; its shares are parts of the group.",
)

_BACKEND = record(
    {
        "place": {"enum": [str(place) for place in Place]},
        **texts("name", "id"),
        **_SIDES,
        **dict.fromkeys(("members", "serving", "healthy"), _COUNT),
        "answers": {"type": ["boolean", "null"]},
        "servers": nullable(array(_SERVER)),
    },
    text="A destination; its shares are parts of the route. null is absent, or not known.",
)

ROUTE = record(
    {
        **texts("route", "exposure", "resource"),
        "loadBalancer": record(texts("type", "address")),
        "state": {"enum": [str(state) for state in RouteState]},
        "pending": {"type": "boolean", "description": "Whether the next apply is all it takes."},
        "movedPercent": {
            **nullable(_PERCENT),
            "description": "Requests that now end elsewhere than wanted, or nowhere; null is"
            " unknown.",
        },
        "shadows": array(
            record(
                {"by": STRING, "takes": {"enum": [str(takes) for takes in Takes]}},
                text="Another object that claims the route and gets all or part of its requests.",
            )
        ),
        "causes": array(
            record(
                {"subject": STRING, "cause": {"enum": [str(Doing.DRIFT), str(Doing.CHANGE)]}},
                text="Whose drift, or change in Git still to be applied, has a part in it.",
            )
        ),
        "ignored": array(
            record(
                {"subject": STRING, "exceptions": array(EXCEPTION)},
                text="Of whom something is ignored that has a part in it, by these exceptions or"
                " by its mode.",
            )
        ),
        "backends": array(_BACKEND),
    },
    text="Requests that a host and path, or a port, match, and where they go.",
)

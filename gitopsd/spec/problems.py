"""Everything that reading can find wrong, as data: one row per id.

Ids GX00xx belong to this table and never change their meaning; `rules` holds GX01xx and later. A
finding adds to its row the sentence that says what was found, and a way to mend it where the row's
own is too general.
"""

from __future__ import annotations

from dataclasses import dataclass

from gitopsd.model.identity import Identity
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem, Severity
from gitopsd.spec.wording import sentence


@dataclass(frozen=True, slots=True)
class Entry:
    """A row: what the problem is called, why it matters, and how it is usually mended."""

    title: str
    why: str
    mend: str
    severity: Severity = Severity.ERROR


_UNTOLD = (
    "Documents of this file cannot be told apart, so nothing at all is deleted until it is readable"
)
_HELD = "What this document made stays as it is until the document is right."

#: id -> row, in the order in which a reader meets them: file, document, identity, fields, fleet.
READING: dict[str, Entry] = {
    # --- the file
    "GX0001": Entry("not YAML", _UNTOLD + ".", "Correct the text at this place."),
    "GX0002": Entry(
        "file too large",
        _UNTOLD + "; the limit keeps a hostile file from stopping gitopsd.",
        "Split it: several files are read like one, and documents may stand in any of them.",
    ),
    "GX0003": Entry("not UTF-8", _UNTOLD + ".", "Save the file as UTF-8."),
    "GX0004": Entry(
        "control character",
        "Such characters cannot be seen, and programs read them differently.",
        "Remove it.",
    ),
    "GX0005": Entry(
        "duplicate key",
        "YAML does not allow it, and programs differ in which of the two they take.",
        "Keep one of the two.",
    ),
    "GX0006": Entry(
        "anchor or alias",
        "A small file can grow without bounds through them, and a reader must look in two places.",
        "Write the value out where it is used.",
    ),
    "GX0007": Entry(
        "tag",
        "Tags make programs build other things than what is written.",
        "Remove the tag; put a value in quotes when it must be text.",
    ),
    "GX0008": Entry(
        "nested too deeply",
        "No spec is nested like this; the limit keeps a hostile file from stopping gitopsd.",
        "Look for a bracket or an indentation that is never closed.",
    ),
    "GX0009": Entry(
        "too many values",
        "The limit keeps a hostile file from stopping gitopsd.",
        "Split it into several documents.",
    ),
    "GX0010": Entry(
        "key is not text", "Fields are found by their name.", "Write a plain word before the colon."
    ),
    "GX0011": Entry(
        "not a document",
        _UNTOLD + ".",
        "A document is a mapping that starts with apiVersion, kind, metadata and spec.",
    ),
    "GX0012": Entry(
        "read differently by other tools",
        "gitopsd takes it for the text it looks like; tools that read other versions of YAML take"
        " it for something else (NO for false, 010 for 8, 1:30 for 90, 2027-01-31 for a time).",
        "Put it in quotes, or write the value that is meant.",
        Severity.WARNING,
    ),
    "GX0013": Entry(
        "not followed",
        "Only regular files and folders of the repository itself are read. Documents may stand in"
        " this one, so nothing at all is deleted while it is here.",
        "Put the file or folder itself here, under a plain name; or start the name with a dot, and"
        " it is passed over.",
        Severity.WARNING,
    ),
    # --- apiVersion, kind and metadata
    "GX0020": Entry(
        "apiVersion missing",
        "Without it nobody can tell whose document this is.",
        "Write apiVersion: gitopsd.io/v1alpha1, or move a file that is no document elsewhere.",
    ),
    "GX0021": Entry(
        "unknown version", _HELD, "Write a version that this gitopsd reads, or upgrade gitopsd."
    ),
    "GX0022": Entry(
        "API group misspelt or left out",
        "A document of another group is skipped, and what it made would be deleted.",
        "Write gitopsd.io/v1alpha1.",
    ),
    "GX0023": Entry("unknown kind", _HELD, "Write Fleet, Exposure or ServerGroup."),
    "GX0024": Entry(
        "no legal name",
        "Objects in the cluster and server groups take their names from it.",
        "Use at most 63 lower-case letters, digits and hyphens, starting with a letter and not"
        " ending with a hyphen.",
    ),
    "GX0025": Entry(
        "no legal namespace",
        "It says where the objects are made, and belongs to the document's identity.",
        "Name the Kubernetes namespace: at most 63 lower-case letters, digits and hyphens.",
    ),
    "GX0026": Entry(
        "two documents of one identity",
        "Which of them is meant cannot be told, so what they made stays as it is.",
        "Remove or rename one of them.",
    ),
    "GX0027": Entry(
        "namespace of a Fleet",
        "A Fleet describes clusters and belongs to no namespace of them.",
        "Remove it.",
        Severity.WARNING,
    ),
    # --- fields
    "GX0030": Entry("unknown field", _HELD, "Correct the name, or remove the field."),
    "GX0031": Entry(
        "reserved, not built yet", _HELD, "Remove the field until gitopsd offers what it will mean."
    ),
    "GX0032": Entry("missing field", _HELD, "Add the field."),
    "GX0033": Entry("wrong type", _HELD, "Write a value of the right type."),
    "GX0034": Entry("value not allowed", _HELD, "Write one of the values that are allowed."),
    "GX0035": Entry("out of range", _HELD, "Write a number within the range."),
    "GX0036": Entry("must not be empty", _HELD, "Add at least one entry."),
    # --- the fleet
    "GX0040": Entry(
        "no fleet",
        "The Fleet says where things run; without it nothing is compared or changed.",
        "Add fleet.yaml at the root of the repository, or name the folder that holds one.",
    ),
    "GX0041": Entry(
        "more than one Fleet",
        "One repository root is one environment: which Fleet is meant cannot be told.",
        "Keep one; give every environment a folder or a branch of its own.",
    ),
    "GX0042": Entry(
        "Fleet in another place",
        "The Fleet is read from fleet.yaml at the root and nowhere else.",
        "Move it to fleet.yaml at the root, or start gitopsd in this folder.",
    ),
    "GX0043": Entry(
        "empty repository",
        "Nothing asks for anything here; a wrong folder or branch looks the same.",
        "Check the path, the revision and the subfolder; a first repository needs a fleet.yaml.",
    ),
    # --- the operator's own settings, gitopsd.yaml
    "GX0050": Entry(
        "setting that cannot be used",
        "The operator starts only with settings that it understands; one that runs keeps those it"
        " has.",
        "Correct the setting.",
    ),
}


def found(
    id_: str,
    what: str,
    position: Position | None = None,
    *,
    mend: str = "",
    subject: Identity | None = None,
    severity: Severity | None = None,
) -> Problem:
    """A problem of row `id_`; `mend` and `severity` replace the row's own."""
    entry = READING[id_]
    return Problem(
        id=id_,
        severity=severity or entry.severity,
        what=sentence(what),
        why=entry.why,
        mend=sentence(mend or entry.mend),
        position=position,
        subject=subject,
    )


def unusable_setting(what: str, position: Position | None = None, *, mend: str = "") -> Problem:
    """What is wrong with a setting of the operator, where its form alone does not say it."""
    return found("GX0050", what, position, mend=mend)

"""Drift reports as files: `FOLDER/<instance>/<target>/<fingerprint>.json`, one file a report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

from gitopsd.adapters.replacement import replace_file
from gitopsd.model.ownership import Owner
from gitopsd.model.report import DriftReport
from gitopsd.model.stored import report_from_json
from gitopsd.ports import Misconfigured, StoredReports

#: Version of the files; one of another version is not understood, and says so.
FORMAT = 1
_FORM = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class ReportFolder:
    """A `ReportStore` in a folder, which is made when the first report is saved.

    Instance and target are DNS labels (the checks of the Fleet see to it), so they are safe as
    names of folders. A file is replaced as a whole: it is written beside, flushed to the disk, and
    renamed.
    """

    folder: Path

    def load(self, owner: Owner) -> StoredReports:
        """See `ReportStore.load`. Raises Misconfigured when the folder cannot be listed."""
        place = self._place(owner)
        try:
            files = sorted(place.glob("*.json")) if place.exists() else []
        except OSError as error:
            raise _refused(place, error) from error
        reports: list[DriftReport] = []
        unreadable: list[str] = []
        for file in files:
            try:
                report = _read(file)
                _check(report, file, owner)
            except (OSError, ValueError) as error:
                unreadable.append(f"{file}: {error}")
            else:
                reports.append(report)
        return StoredReports(tuple(reports), tuple(unreadable))

    def save(self, report: DriftReport) -> None:
        """See `ReportStore.save`. Raises Misconfigured when the folder cannot be written."""
        place = self._place(Owner(report.instance, report.target))
        content = orjson.dumps({"format": FORMAT, **report.to_json()}, option=_FORM)
        try:
            place.mkdir(parents=True, exist_ok=True)
            replace_file(place / f"{report.fingerprint}.json", content)
        except OSError as error:
            raise _refused(place, error) from error

    def forget(self, owner: Owner, fingerprint: str) -> None:
        """See `ReportStore.forget`."""
        file = self._place(owner) / f"{fingerprint}.json"
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise _refused(file, error) from error

    def _place(self, owner: Owner) -> Path:
        return self.folder / owner.instance / owner.target


def _read(file: Path) -> DriftReport:
    content = orjson.loads(file.read_bytes())
    if isinstance(content, dict) and content.get("format") != FORMAT:
        raise ValueError(f"format {content.get('format')!r} is not {FORMAT}, which this one reads")
    return report_from_json(content)


def _check(report: DriftReport, file: Path, owner: Owner) -> None:
    """A copied or renamed file is not taken for a second report."""
    told = (report.fingerprint, report.instance, report.target)
    if told != (file.stem, owner.instance, owner.target):
        raise ValueError(f"it is the report {told[0]} of {told[1]} at {told[2]}")


def _refused(place: Path, error: OSError) -> Misconfigured:
    detail = error.strerror or str(error)
    return Misconfigured(f"the reports in {place}", detail, "name another folder, or make room")

"""Drift reports as custom resources: `kubectl get driftreports -n gitopsd-system`.

They all stand in the namespace of the record: it is there, whatever becomes of the namespaces that
they are about, and the right to write them is the right to write in one namespace. `spec` says what
a report is about and never changes; `status` what was last seen. Saving is two applies of the same
field manager; an object whose status was never written is no report yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.errors import NoSuchObject
from gitopsd.adapters.kubernetes.reads import collect
from gitopsd.adapters.kubernetes.request import APPLY, Request
from gitopsd.adapters.kubernetes.resources import Resource
from gitopsd.model.ownership import INSTANCE, MANAGED_BY, MANAGER, TARGET, Owner
from gitopsd.model.report import DriftReport
from gitopsd.model.stored import report_from_json
from gitopsd.ports import Missing, StoredReports

DRIFT_REPORTS = Resource("DriftReport", "gitopsd.io/v1alpha1", "driftreports")
#: The fields of a stored report that say what it is about; its fingerprint is the object's name.
_SPEC = ("instance", "target", "subject", "resource", "reason")
_INSTALL = "gitopsd crds | kubectl apply --server-side -f -"


class ReportResources:
    """A `ReportStore` in a cluster."""

    def __init__(self, connection: Connection, *, namespace: str = "gitopsd-system") -> None:
        self._connection = connection
        self._namespace = namespace

    def load(self, owner: Owner) -> StoredReports:
        """See `ReportStore.load`.

        Whose a report is stands in its `spec`: labels are for people, who may take them off.
        """
        try:
            found = collect(
                self._connection,
                DRIFT_REPORTS,
                lambda item: _read(item, owner),
                namespace=self._namespace,
            )
        except Missing as error:
            raise _explained(error) from error
        reports = tuple(one for one in found if isinstance(one, DriftReport))
        return StoredReports(reports, tuple(one for one in found if isinstance(one, str)))

    def save(self, report: DriftReport) -> None:
        """See `ReportStore.save`."""
        told = report.to_json().items()
        content = {name: _present(value) for name, value in told if value not in ("", [])}
        spec = {name: content.pop(name) for name in _SPEC if name in content}
        del content["fingerprint"]
        labels = {MANAGED_BY: MANAGER, INSTANCE: report.instance, TARGET: report.target}
        try:
            self._apply(report.fingerprint, {"labels": labels}, "", {"spec": spec})
            self._apply(report.fingerprint, {}, "/status", {"status": content})
        except Missing as error:
            raise _explained(error) from error

    def _apply(
        self, name: str, metadata: Mapping[str, Any], part: str, content: Mapping[str, Any]
    ) -> None:
        resource = DRIFT_REPORTS
        place = {"name": name, "namespace": self._namespace}
        request = Request(
            "PATCH",
            resource.item(self._namespace, name) + part,
            f"{resource.kind} {self._namespace}/{name}",
            "patch",
            resource.plural + part,
            query=(("fieldManager", MANAGER), ("force", "true"), ("fieldValidation", "Ignore")),
            body={
                "apiVersion": resource.api_version,
                "kind": resource.kind,
                "metadata": {**place, **metadata},
                **content,
            },
            content_type=APPLY,
        )
        self._connection.send(request)

    def forget(self, owner: Owner, fingerprint: str) -> None:  # noqa: ARG002  the port's form
        """See `ReportStore.forget`; a fingerprint has the owner in it."""
        resource = DRIFT_REPORTS
        request = Request(
            "DELETE",
            resource.item(self._namespace, fingerprint),
            f"{resource.kind} {self._namespace}/{fingerprint}",
            "delete",
            resource.plural,
        )
        try:
            self._connection.send(request)
        except NoSuchObject:
            return


def _read(item: dict[str, Any], owner: Owner) -> DriftReport | str | None:
    """The report, or why it is none; None for another's, or one whose status is still to come."""
    name, spec = item["metadata"]["name"], item.get("spec") or {}
    if not item.get("status") or not _belongs(item, spec, owner):
        return None
    try:
        report = report_from_json({**item["status"], **spec, "fingerprint": name})
    except (ValueError, KeyError, TypeError) as error:
        return f"DriftReport {name}: {error}"
    return report


def _belongs(item: Mapping[str, Any], spec: Mapping[str, Any], owner: Owner) -> bool:
    """Whether a report is the owner's: by its spec, and by its labels where that says nothing."""
    labels = item["metadata"].get("labels") or {}
    known = {"instance": labels.get(INSTANCE), "target": labels.get(TARGET), **spec}
    return (known["instance"], known["target"]) == (owner.instance, owner.target)


def _present(value: Any) -> Any:
    """The value without members that are null: a schema refuses them, and absent means the same."""
    if isinstance(value, Mapping):
        return {key: _present(item) for key, item in value.items() if item is not None}
    return [_present(item) for item in value] if isinstance(value, list) else value


def _explained(error: Missing) -> Missing:
    """The error, with how to install the kind where that is what is missing."""
    if error.mend.startswith("kubectl"):
        return error
    return Missing(error.about, "the cluster does not know the kind DriftReport", _INSTALL)

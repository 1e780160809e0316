"""Reading asynchronous jobs: ListAsynJobs (both products) and GetJobStatus (NLB)."""

from __future__ import annotations

from gitopsd.sandbox.cloud.call import Call
from gitopsd.sandbox.cloud.errors import not_found
from gitopsd.sandbox.cloud.paging import page
from gitopsd.sandbox.cloud.state import Job
from gitopsd.sandbox.cloud.world import Answer, Commit, Parameters

_OPERATE_TYPES = {
    "CreateServerGroup": "Create",
    "DeleteServerGroup": "Delete",
    "AddServersToServerGroup": "AddServers",
    "RemoveServersFromServerGroup": "RemoveServers",
}


def list_jobs(call: Call) -> Commit:
    """ListAsynJobs: ALB filters and pages, NLB only selects by id."""
    world, parameters = call.world, call.parameters

    def commit() -> Answer:
        found = [
            ((job.order, ""), job)
            for job in world.state.jobs.values()
            if _selected(job, parameters)
        ]
        if world.product == "nlb":
            views = [{"Id": job.job_id, "Status": job.status} for _, job in found]
            return {"Jobs": views, "TotalCount": str(len(views))}
        jobs, paging = page(found, call)
        return {**paging, "Jobs": [_view(job) for job in jobs]}

    return commit


def get_job_status(call: Call) -> Commit:
    """GetJobStatus: the status of one job."""
    job = call.world.state.jobs.get(call.parameters["JobId"])
    if job is None:
        raise not_found("JobId")
    return lambda: {"Status": job.status}


def _selected(job: Job, parameters: Parameters) -> bool:
    ids, resources = parameters.get("JobIds"), parameters.get("ResourceIds")
    return (
        (not ids or job.job_id in ids)
        and (not resources or job.group_id in resources)
        and parameters.get("ApiName") in (None, job.api_name)
        and parameters.get("ResourceType") in (None, "servergroup")
        and job.created_ms >= parameters.get("BeginTime", 0)
        and job.created_ms <= parameters.get("EndTime", job.created_ms)
    )


def _view(job: Job) -> Answer:
    view: Answer = {
        "Id": job.job_id,
        "Status": job.status,
        "ApiName": job.api_name,
        "OperateType": _OPERATE_TYPES.get(job.api_name, "Update"),
        "ResourceType": "servergroup",
        "ResourceId": job.group_id,
        "CreateTime": job.created_ms,
        "ModifyTime": job.modified_ms,
    }
    if job.status == "Failed" and job.failure:
        view["ErrorCode"], view["ErrorMessage"] = job.failure
    return view

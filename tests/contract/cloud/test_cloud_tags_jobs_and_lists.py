"""Tags with their lag, jobs, paging, and looking around, through the real SDK clients."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_alb20200616 import models as alb_models
from alibabacloud_nlb20220430 import models as nlb_models

from gitopsd.sandbox.cloud import SEEDED_ALB, Cloud

from .cloud_calls import HandClock, create_alb_group, create_nlb_group, refused_code


def names_with_tag(client: Any, models: Any, key: str, value: str | None = None) -> list[str]:
    tag = models.ListServerGroupsRequestTag(key=key, value=value)
    body = client.list_server_groups(models.ListServerGroupsRequest(tag=[tag])).body
    return [group.server_group_name for group in body.server_groups]


def tag(client: Any, models: Any, *ids: str, **tags: str) -> None:
    client.tag_resources(
        models.TagResourcesRequest(
            resource_type="servergroup",
            resource_id=list(ids),
            tag=[models.TagResourcesRequestTag(key=key, value=tags[key]) for key in tags],
        )
    )


def test_tags_given_at_creation_are_found_at_once(alb: Any, nlb: Any) -> None:
    create_alb_group(
        alb, "in-alb", tag=[alb_models.CreateServerGroupRequestTag(key="k", value="v")]
    )
    create_nlb_group(
        nlb, "in-nlb", tag=[nlb_models.CreateServerGroupRequestTag(key="k", value="v")]
    )
    assert names_with_tag(alb, alb_models, "k", "v") == ["in-alb"]
    assert names_with_tag(nlb, nlb_models, "k") == ["in-nlb"]
    assert names_with_tag(nlb, nlb_models, "k", "other") == []


@pytest.mark.parametrize("product", ["alb", "nlb"])
def test_the_filter_notices_later_tags_only_after_a_moment(
    request: pytest.FixtureRequest, clock: HandClock, product: str
) -> None:
    client = request.getfixturevalue(product)
    models = alb_models if product == "alb" else nlb_models
    create = create_alb_group if product == "alb" else create_nlb_group
    group_id = create(client, "late")
    tag(client, models, group_id, k="v")
    assert names_with_tag(client, models, "k") == []
    rows = client.list_tag_resources(
        models.ListTagResourcesRequest(resource_type="servergroup", resource_id=[group_id])
    ).body.tag_resources
    assert [(row.tag_key, row.tag_value) for row in rows] == [("k", "v")]
    clock.advance()
    assert names_with_tag(client, models, "k") == ["late"]


def test_tags_are_taken_away_by_key_or_all_at_once(
    alb: Any, nlb: Any, cloud: Cloud, clock: HandClock
) -> None:
    alb_id, nlb_id = create_alb_group(alb), create_nlb_group(nlb)
    tag(alb, alb_models, alb_id, a="1", b="2")
    tag(nlb, nlb_models, nlb_id, a="1", b="2")
    alb.un_tag_resources(
        alb_models.UnTagResourcesRequest(
            resource_type="servergroup", resource_id=[alb_id], tag_key=["a"]
        )
    )
    nlb.untag_resources(
        nlb_models.UntagResourcesRequest(
            resource_type="servergroup", resource_id=[nlb_id], all=True
        )
    )
    assert cloud.groups.get(alb_id)["Tags"] == [{"Key": "b", "Value": "2"}]
    assert cloud.groups.get(nlb_id)["Tags"] == []


def test_a_tag_taken_away_with_a_value_goes_only_where_it_has_it(alb: Any, cloud: Cloud) -> None:
    group_id = create_alb_group(alb)
    tag(alb, alb_models, group_id, a="1", b="2")
    pairs = [alb_models.UnTagResourcesRequestTag(key=key, value="1") for key in ("a", "b")]
    alb.un_tag_resources(
        alb_models.UnTagResourcesRequest(
            resource_type="servergroup",
            resource_id=[group_id],
            tag=pairs,
        )
    )
    assert cloud.groups.get(group_id)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_tagging_what_does_not_exist_tags_nothing(alb: Any, cloud: Cloud) -> None:
    group_id = create_alb_group(alb)
    missing = (404, "ResourceNotFound.ServerGroup")
    assert refused_code(lambda: tag(alb, alb_models, group_id, "sgp-x", k="v")) == missing
    assert cloud.groups.get(group_id)["Tags"] == []


def test_reserved_tag_keys_and_too_many_tags_are_refused(alb: Any, nlb: Any) -> None:
    alb_id, nlb_id = create_alb_group(alb), create_nlb_group(nlb)
    reserved = (400, "IllegalParam.Tag.1.Key")
    assert refused_code(lambda: tag(alb, alb_models, alb_id, aliyunx="v")) == reserved
    tag(nlb, nlb_models, nlb_id, **{f"k{number}": "v" for number in range(20)})
    full = (400, "QuotaExceeded.Tag")
    assert refused_code(lambda: tag(nlb, nlb_models, nlb_id, more="v")) == full


def test_pages_hold_every_group_once_even_when_groups_come_and_go(alb: Any, cloud: Cloud) -> None:
    ids = [cloud.groups.create("alb", f"g{number}", VpcId="vpc") for number in range(5)]
    request = alb_models.ListServerGroupsRequest(max_results=2)
    first = alb.list_server_groups(request).body
    assert (first.total_count, first.max_results, bool(first.next_token)) == (5, 2, True)
    cloud.groups.delete(ids[0])
    cloud.groups.create("alb", "new", VpcId="vpc")
    seen = [group.server_group_name for group in first.server_groups]
    token = first.next_token
    while token:
        request = alb_models.ListServerGroupsRequest(max_results=2, next_token=token)
        body = alb.list_server_groups(request).body
        seen += [group.server_group_name for group in body.server_groups]
        token = body.next_token
    assert seen == ["g0", "g1", "g2", "g3", "g4", "new"]
    assert token == ""


def test_groups_are_selected_by_id_name_type_and_vpc(nlb: Any, cloud: Cloud) -> None:
    one = cloud.groups.create("nlb", "one", VpcId="vpc-1", ServerGroupType="Ip")
    cloud.groups.create("nlb", "two", VpcId="vpc-2")

    def names(**fields: Any) -> list[str]:
        body = nlb.list_server_groups(nlb_models.ListServerGroupsRequest(**fields)).body
        return [group.server_group_name for group in body.server_groups]

    assert names(server_group_ids=[one]) == ["one"]
    assert names(server_group_names=["two", "three"]) == ["two"]
    assert names(server_group_type="Ip") == ["one"]
    assert names(vpc_id="vpc-2") == ["two"]
    assert names(vpc_id="vpc-2", server_group_ids=[one]) == []


def test_alb_jobs_tell_what_they_are_about(alb: Any, clock: HandClock) -> None:
    group_id = create_alb_group(alb)
    request = alb_models.ListAsynJobsRequest(resource_ids=[group_id])
    (job,) = alb.list_asyn_jobs(request).body.jobs
    assert (job.status, job.api_name, job.resource_type) == (
        "Processing",
        "CreateServerGroup",
        "servergroup",
    )
    clock.advance()
    (job,) = alb.list_asyn_jobs(alb_models.ListAsynJobsRequest(job_ids=[job.id])).body.jobs
    assert job.status == "Succeeded"


def test_nlb_jobs_are_read_one_by_one_or_together(nlb: Any, clock: HandClock) -> None:
    create = nlb_models.CreateServerGroupRequest(server_group_name="group", vpc_id="vpc")
    job_id = nlb.create_server_group(create).body.job_id
    status = nlb_models.GetJobStatusRequest(job_id=job_id)
    assert nlb.get_job_status(status).body.status == "Processing"
    clock.advance()
    assert nlb.get_job_status(status).body.status == "Succeeded"
    (job,) = nlb.list_asyn_jobs(nlb_models.ListAsynJobsRequest(job_ids=[job_id])).body.jobs
    assert (job.id, job.status) == (job_id, "Succeeded")
    unknown = nlb_models.GetJobStatusRequest(job_id="job-x")
    assert refused_code(lambda: nlb.get_job_status(unknown)) == (404, "ResourceNotFound.JobId")


def test_a_new_sandbox_has_the_alb_behind_ingress_class_alb(alb: Any) -> None:
    (balancer,) = alb.list_load_balancers(alb_models.ListLoadBalancersRequest()).body.load_balancers
    assert (balancer.load_balancer_id, balancer.load_balancer_status) == (SEEDED_ALB, "Active")
    detail = alb.get_load_balancer_attribute(
        alb_models.GetLoadBalancerAttributeRequest(load_balancer_id=SEEDED_ALB)
    ).body
    assert [zone.zone_id for zone in detail.zone_mappings] == ["cn-hangzhou-j", "cn-hangzhou-k"]


def test_rules_and_health_of_a_listener_can_be_read(alb: Any, cloud: Cloud) -> None:
    group_id = cloud.groups.create("alb", "g", VpcId="vpc", ServerGroupType="Ip")
    cloud.groups.add_member(group_id, "10.0.0.1", 80)
    cloud.groups.set_health(group_id, "10.0.0.1", 80, "Unhealthy", "CONNECT_FAILED")
    listener = cloud.balancers.add_listener(SEEDED_ALB, 80, "HTTP")
    rule = cloud.balancers.add_rule(listener, 1, {group_id: 30})
    rules = alb.list_rules(alb_models.ListRulesRequest(listener_ids=[listener])).body.rules
    (tuples,) = rules[0].rule_actions[0].forward_group_config.server_group_tuples
    assert (rules[0].rule_id, tuples.server_group_id, tuples.weight) == (rule, group_id, 30)
    health = alb.get_listener_health_status(
        alb_models.GetListenerHealthStatusRequest(listener_id=listener, include_rule=True)
    ).body
    (info,) = health.rule_health_status[0].server_group_infos
    (server,) = info.non_normal_servers
    assert (server.server_id, server.status, server.reason.reason_code) == (
        "10.0.0.1",
        "Unhealthy",
        "CONNECT_FAILED",
    )


def test_looking_at_what_does_not_exist_is_not_found(alb: Any, nlb: Any) -> None:
    request = alb_models.GetLoadBalancerAttributeRequest(load_balancer_id="alb-x")
    code = refused_code(lambda: alb.get_load_balancer_attribute(request))
    assert code == (404, "ResourceNotFound.LoadBalancer")
    nlb_request = nlb_models.GetListenerAttributeRequest(listener_id="lsn-x")
    code = refused_code(lambda: nlb.get_listener_attribute(nlb_request))
    assert code == (404, "ResourceNotFound.listener")

"""The composition root: who gets a writer, and who is asked about the cloud."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gitopsd.config import (
    CloudSettings,
    ClusterSettings,
    Settings,
    cloud_credentials_present,
    default_cache,
)
from gitopsd.model.desired import DesiredGroup, DesiredTarget
from gitopsd.model.identity import Identity
from gitopsd.spec.model import Target
from gitopsd.wiring.sites import Place, connect_site, place_of

KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: one
clusters: [{name: one, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: one, user: {token: t}}]
contexts: [{name: one, context: {cluster: one, user: one}}]
"""
GROUP = DesiredGroup(Identity("ServerGroup", "shop", "warehouse"), "ALB", {}, ())
EMPTY, WITH_GROUP = (
    DesiredTarget("edge", {}, {}),
    DesiredTarget("edge", {}, {GROUP.identity: GROUP}),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG)
    return Settings(cluster=ClusterSettings(str(path)))


def target(**more: object) -> Target:
    fields = {"name": "edge", "region": "cn-hangzhou", "networkPlugin": "Terway", **more}
    return Target.model_validate(fields)


@pytest.mark.parametrize("cloud", [True, False])
def test_a_command_that_only_looks_is_given_nothing_to_write_with(
    settings: Settings, cloud: bool
) -> None:
    site = connect_site(Place("edge", None, "cn-hangzhou", cloud=cloud), settings, write=False)
    assert (site.cluster_writer, site.cloud_writer) == (None, None)
    assert not hasattr(site.cloud, "create_group")


def test_a_command_that_writes_is_given_both_writers(settings: Settings) -> None:
    site = connect_site(Place("edge", None, "cn-hangzhou", cloud=True), settings, write=True)
    assert site.cluster_writer is site.cluster
    assert site.cloud_writer is site.cloud


def test_the_cloud_is_left_out_where_nothing_speaks_of_it(settings: Settings) -> None:
    assert not place_of(target().access, EMPTY, settings).cloud


@pytest.mark.parametrize(
    ("fleet", "desired", "cloud"),
    [
        (target(), WITH_GROUP, CloudSettings()),
        (target(), EMPTY, CloudSettings(alb_endpoint="127.0.0.1:1")),
        (target(), EMPTY, CloudSettings(nlb_endpoint="127.0.0.1:1")),
        (target(), EMPTY, CloudSettings(credentials_present=True)),
        (target(credentials={"profile": "ops"}), EMPTY, CloudSettings()),
        (target(credentials={"roleArn": "acs:ram::1:role/x"}), EMPTY, CloudSettings()),
    ],
)
def test_the_cloud_is_looked_at_wherever_groups_of_ours_could_be(
    fleet: Target, desired: DesiredTarget, cloud: CloudSettings
) -> None:
    assert place_of(fleet.access, desired, Settings(cloud=cloud)).cloud


def test_a_target_without_cloud_pays_for_no_cloud_sdk(settings: Settings) -> None:
    program = (
        "import sys\n"
        "from gitopsd.config import ClusterSettings, Settings\n"
        "from gitopsd.wiring.sites import Place, connect_site\n"
        "settings = Settings(cluster=ClusterSettings(sys.argv[1]))\n"
        "connect_site(Place('edge', None, 'cn-hangzhou'), settings, write=True)\n"
        "print([name for name in sys.modules if name.startswith('alibabacloud')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(settings.cluster.kubeconfig)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "[]\n"


def test_credentials_are_noticed_by_their_variables() -> None:
    assert not cloud_credentials_present({"PATH": "/bin", "ALIBABA_CLOUD_ROLE_ARN": ""})
    assert cloud_credentials_present({"ALIBABA_CLOUD_ACCESS_KEY_ID": "x"})


def test_clones_are_kept_where_the_system_wants_caches() -> None:
    assert default_cache({"XDG_CACHE_HOME": "/var/cache/me"}) == Path("/var/cache/me/gitopsd")
    assert default_cache({"XDG_CACHE_HOME": "not/absolute"}).parts[-2:] == (".cache", "gitopsd")

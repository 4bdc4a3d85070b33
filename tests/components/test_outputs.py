"""What a stack tells people."""

import pytest

from cecf.settings import businesses
from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import Recording


@pytest.mark.parametrize("business", businesses())
def test_every_business_has_the_same_outputs(build: Build, business: str) -> None:
    of_the_api = {"api_access", "api_endpoint", "kubeconfig", "kubeconfig_viewer"}
    of_the_cloud = {"network_id", "nodes", "spread_faults", "spread_verified"}
    of_the_cluster = {"certificates", "cluster_name", "etcd", "kubernetes_version", "take_over"}
    assert build(business).exports.keys() == of_the_api | of_the_cloud | of_the_cluster


def test_whether_the_api_can_be_reached_is_told(dev: Recording, reachable: Recording) -> None:
    assert (dev.exports["api_access"], reachable.exports["api_access"]) == ("none", "floating_ip")


def test_the_outputs_of_dev_say_where_everything_is(dev: Recording) -> None:
    assert dev.exports["cluster_name"] == "dev"
    assert dev.exports["api_endpoint"] == "https://10.10.0.5:8443"
    assert dev.exports["network_id"] == "dev-network-id"
    assert dev.exports["spread_verified"] is True
    assert dev.exports["kubernetes_version"] == clusters.plan("dev").kubernetes_version


def test_where_etcd_s_members_are_is_told(dev: Recording, build: Build) -> None:
    control_planes = {f"dev-control-plane-{ordinal}": f"10.10.0.{5 + ordinal}" for ordinal in (1, 2, 3)}
    assert dev.exports["etcd"] == {
        "topology": "stacked",
        "members": control_planes,
        "events_members": {},
        "backup": None,
    }
    apart = build("dev", {"etcd": {"topology": "external", "events": {"members": 1}}}).exports["etcd"]
    assert apart["topology"] == "external"
    assert list(apart["members"]) == [f"dev-etcd-{ordinal}" for ordinal in (1, 2, 3)]
    assert list(apart["events_members"]) == ["dev-etcd-events-1"]


def test_who_takes_over_from_whom_is_told(dev: Recording) -> None:
    told = {office["name"]: office for office in dev.exports["take_over"]}
    assert told.keys() == {"endpoint", "etcd", "kube-scheduler", "kube-controller-manager"}
    holders = tuple(f"dev-control-plane-{ordinal}" for ordinal in (1, 2, 3))
    assert {office["holders"] for office in told.values()} == {holders}
    assert [name for name, office in told.items() if not office["seconds"]] == []


def test_when_certificates_end_is_told_in_the_open(dev: Recording) -> None:
    of_etcd = [f"dev-control-plane-{n} etcd {use}" for n in (1, 2, 3) for use in ("server", "peer", "client")]
    assert dev.exports["certificates"] == {
        "kubernetes-1": "2036-11-18T12:00:00Z",
        **dict.fromkeys(["admin", "viewer", *of_etcd], "2027-11-21T12:00:00Z"),
    }
    assert "certificates" not in dev.secret_exports


def test_each_node_s_zone_and_host_are_nova_s_and_not_the_plan_s(dev: Recording) -> None:
    assert dev.exports["nodes"][1] == {
        "name": "dev-control-plane-2",
        "role": "control-plane",
        "pool": "control-plane",
        "zone": "az1",  # what the check answered; the plan says az2
        "host": "host of dev-control-plane-2-server-id",
        "address": "10.10.0.7",
    }
    assert [row["name"] for row in dev.exports["nodes"]] == [
        "dev-control-plane-1",
        "dev-control-plane-2",
        "dev-control-plane-3",
        "dev-general-1",
        "dev-general-2",
    ]


def test_the_spread_check_compares_the_servers_within_each_group(dev: Recording) -> None:
    (check,) = dev.of("SpreadCheck")
    assert check.inputs["groups"] == {
        "dev-control-plane-spread-1": {
            f"dev-control-plane-{ordinal}": {"id": f"dev-control-plane-{ordinal}-server-id", "zone": f"az{ordinal}"}
            for ordinal in (1, 2, 3)
        },
        "dev-general-spread-1": {
            f"dev-general-{ordinal}": {"id": f"dev-general-{ordinal}-server-id", "zone": f"az{ordinal}"}
            for ordinal in (1, 2)
        },
    }
    assert check.inputs["cloud"] == "dev"

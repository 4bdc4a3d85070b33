"""What a stack tells people."""

import pytest

from cecf.settings import businesses
from tests.components.conftest import Build
from tests.helpers.engine_spy import Recording


@pytest.mark.parametrize("business", businesses())
def test_every_business_has_the_same_outputs(build: Build, business: str) -> None:
    of_the_api = {"api_access", "api_endpoint", "kubeconfig", "kubeconfig_viewer"}
    told = {"certificates", "cluster_name", "network_id", "nodes", "spread_faults", "spread_verified"} | of_the_api
    assert build(business).exports.keys() == told


def test_whether_the_api_can_be_reached_is_told(dev: Recording, reachable: Recording) -> None:
    assert (dev.exports["api_access"], reachable.exports["api_access"]) == ("none", "floating_ip")


def test_the_outputs_of_dev_say_where_everything_is(dev: Recording) -> None:
    assert dev.exports["cluster_name"] == "dev"
    assert dev.exports["api_endpoint"] == "https://10.10.0.5:8443"
    assert dev.exports["network_id"] == "dev-network-id"
    assert dev.exports["spread_verified"] is True


def test_when_certificates_end_is_told_in_the_open(dev: Recording) -> None:
    assert dev.exports["certificates"] == {
        "kubernetes-1": "2036-11-18T12:00:00Z",
        "admin": "2027-11-21T12:00:00Z",
        "viewer": "2027-11-21T12:00:00Z",
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

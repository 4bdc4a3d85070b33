"""The network, the way out, and who is let in: told to Neutron as planned."""

from cecf.plan import Role
from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import Recording


def test_the_subnet_is_the_plan_s(dev: Recording) -> None:
    inputs = dev.one("Subnet", "dev-subnet").inputs
    assert inputs["networkId"] == "dev-network-id"
    assert (inputs["cidr"], inputs["gatewayIp"], inputs["ipVersion"]) == ("10.10.0.0/24", "10.10.0.1", 4)
    assert inputs["allocationPools"] == [{"start": "10.10.0.64", "end": "10.10.0.254"}]


def test_resolvers_and_mtu_are_those_of_the_settings(build: Build) -> None:
    made = build("dev", {"network": {"nodes": {"dns_servers": ["192.0.2.53"], "mtu": 1400}}})
    assert made.one("Subnet", "dev-subnet").inputs["dnsNameservers"] == ["192.0.2.53"]
    assert made.one("Network", "dev-network").inputs["mtu"] == 1400


def test_the_cloud_chooses_where_the_settings_say_nothing(dev: Recording) -> None:
    assert "mtu" not in dev.one("Network", "dev-network").inputs
    assert dev.one("Subnet", "dev-subnet").inputs["dnsNameservers"] == []


def test_the_router_leads_from_the_subnet_to_the_external_network(dev: Recording) -> None:
    assert dev.one("Router", "dev-router").inputs["externalNetworkId"] == clusters.CATALOG.external_network_id
    assert dev.one("RouterInterface", "dev-router-interface").inputs == {
        "routerId": "dev-router-id",
        "subnetId": "dev-subnet-id",
    }


def test_neutron_s_own_rules_do_not_widen_a_group(dev: Recording) -> None:
    assert [r.name for r in dev.of("SecGroup") if r.inputs.get("deleteDefaultRules") is not True] == []


def test_each_rule_is_told_as_it_was_planned(build: Build) -> None:
    change = {"control_plane": {"endpoint": {"allowed_cidrs": ["192.0.2.0/24"]}}}
    told = {r.name: dict(r.inputs) for r in build("dev", change).of("SecGroupRule")}
    planned = {}
    for group in clusters.plan("dev", change).security_groups:
        for rule in group.rules:
            role = isinstance(rule.remote, Role)
            everything = {
                "description": rule.name,
                "securityGroupId": f"{group.name}-id",
                "direction": rule.direction,
                "ethertype": "IPv4",
                "protocol": rule.protocol or None,
                "portRangeMin": rule.port_min,
                "portRangeMax": rule.port_max,
                "remoteGroupId": f"dev-{rule.remote}-id" if role else None,
                "remoteIpPrefix": None if role else str(rule.remote),
            }
            planned[rule.name] = {key: value for key, value in everything.items() if value is not None}
    assert told == planned


def test_what_an_unknown_port_keeps_in_use_is_soon_given_up(dev: Recording) -> None:
    # The engine's own ten minutes each would pass before `cecf destroy` may clear the port away.
    assert {r.delete_timeout for r in [*dev.of("Subnet"), *dev.of("RouterInterface")]} == {"2m"}

"""What a cluster takes of quotas, and how much of it is still to come."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecf.plan import plan_cluster
from cecf.plan.demand import Item, items, largest, server, to_come, volume
from tests.helpers import clusters


def takes(business: str, cluster: dict[str, Any] | None = None) -> dict[str, int]:
    plan = plan_cluster(clusters.settings(business, cluster).cluster, clusters.CATALOG)
    return dict(to_come(items(plan), ()))


def test_everything_of_a_new_cluster_is_to_come() -> None:
    assert takes("dev") == {
        "network": 1,
        "subnet": 1,
        "router": 1,
        # Three control planes and two workers, the endpoint's address, the router's way into the subnet.
        "port": 7,
        "security_group": 2,
        "security_group_rule": 15,
        "server_groups": 2,
        "instances": 5,
        "cores": 10,
        "ram": 20480,
        "volumes": 3,
        "gigabytes": 30,
        "volumes_ssd": 3,
        "gigabytes_ssd": 30,
    }


def test_in_an_existing_network_none_is_made() -> None:
    assert not {"network", "subnet", "router"} & takes("smartcity").keys()


def test_a_load_balancer_takes_a_part_of_each_kind_and_its_address_a_port() -> None:
    endpoint = {"kind": "load_balancer", "access": "floating_ip", "allowed_cidrs": ["192.0.2.0/24"]}
    found = takes("dev", {"control_plane": {"endpoint": endpoint}})
    assert {name: found[name] for name in ("load_balancer", "listener", "pool", "health_monitor", "member")} == {
        "load_balancer": 1,
        "listener": 1,
        "pool": 1,
        "health_monitor": 1,
        "member": 3,
    }
    assert (found["port"], found["floatingip"]) == (7, 1)


def test_quotas_of_each_object_see_the_largest() -> None:
    pool = {"worker_pools": {"general": {"count": 12}}, "etcd": {"volume": {"size_gib": 40}}}
    plan = plan_cluster(clusters.settings("dev", pool).cluster, clusters.CATALOG)
    assert largest(plan) == {"server_group_members": 10, "per_volume_gigabytes": 40}


def test_of_what_is_there_only_growth_is_to_come() -> None:
    there = [server("a", "small", 2, 4096), volume("v", "ssd", 10)]
    planned = [server("a", "large", 4, 8192), volume("v", "ssd", 15)]
    assert to_come(planned, there) == {"cores": 2, "ram": 4096, "gigabytes": 5, "gigabytes_ssd": 5}


def test_what_shrinks_or_goes_gives_nothing_back_in_time() -> None:
    there = [server("a", "large", 4, 8192), server("old", "large", 4, 8192)]
    assert to_come([server("a", "small", 2, 4096), server("new", "small", 2, 4096)], there) == {
        "instances": 1,
        "cores": 2,
        "ram": 4096,
    }


@pytest.mark.parametrize("business", ["dev", "finance", "bigdata", "smartcity"])
def test_nothing_is_to_come_where_all_is_there(business: str) -> None:
    everything = items(clusters.plan(business))
    assert to_come(everything, everything) == {}
    assert len({(item.noun, item.name) for item in everything}) == len(everything)


ITEMS = st.lists(
    st.builds(
        lambda number, takes: Item(noun="server", name=f"n{number}", takes=takes),
        st.integers(0, 5),
        st.dictionaries(st.sampled_from(["cores", "ram"]), st.integers(1, 9)),
    ),
    unique_by=lambda item: item.name,
)


@given(ITEMS, ITEMS)
def test_what_is_to_come_is_never_more_than_all_and_never_less_than_the_difference(
    planned: list[Item], there: list[Item]
) -> None:
    coming = to_come(planned, there)
    for quota in ("cores", "ram"):
        wanted, held = (sum(item.takes.get(quota, 0) for item in some) for some in (planned, there))
        assert max(0, wanted - held) <= coming[quota] <= wanted

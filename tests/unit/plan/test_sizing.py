"""A control plane's servers, as large as Kubernetes proposes for the nodes that they look after."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecf.plan.catalog import Flavor
from cecf.plan.sizing import SIZES, advice, proposal, wanted
from tests.helpers import clusters
from tests.helpers.clusters import FLAVORS

NODES = st.integers(1, 20_000)
FLAVOR = st.builds(
    Flavor, id=st.just("x"), vcpus=st.integers(1, 64), ram_mib=st.integers(512, 262_144), disk_gib=st.just(40)
)
CLOUDS = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), FLAVOR, min_size=1)


def enough(flavor: Flavor, nodes: int) -> bool:
    """Tell whether a flavor is large enough."""
    cores, mib = wanted(nodes)
    return flavor.vcpus >= cores and flavor.ram_mib >= mib


@pytest.mark.parametrize(
    ("nodes", "size"), [(1, (2, 3840)), (5, (2, 3840)), (6, (2, 7680)), (11, (4, 15_360)), (9999, (32, 122_880))]
)
def test_a_size_holds_up_to_its_number_of_nodes_and_the_largest_for_all_beyond(
    nodes: int, size: tuple[int, int]
) -> None:
    assert wanted(nodes) == size


@given(NODES, NODES)
def test_more_nodes_never_ask_for_less(one: int, other: int) -> None:
    fewer, more = sorted((one, other))
    assert all(a <= b for a, b in zip(wanted(fewer), wanted(more), strict=True))


@pytest.mark.parametrize(("nodes", "cores", "mib"), SIZES)
def test_no_size_is_below_what_kubeadm_takes(nodes: int, cores: int, mib: int) -> None:
    assert (nodes > 0, cores >= 2, mib >= 1700) == (True, True, True)


@given(NODES, CLOUDS)
def test_what_is_proposed_is_enough_and_nothing_smaller_is(nodes: int, flavors: dict[str, Flavor]) -> None:
    proposed = proposal(nodes, flavors)
    suited = {name for name, flavor in flavors.items() if enough(flavor, nodes)}
    if proposed is None:
        assert suited == set()
    else:
        assert proposed in suited
        least = min((flavors[name].vcpus, flavors[name].ram_mib) for name in suited)
        assert (flavors[proposed].vcpus, flavors[proposed].ram_mib) == least


@given(NODES, CLOUDS)
def test_there_is_advice_for_exactly_the_flavors_that_are_too_small(nodes: int, flavors: dict[str, Flavor]) -> None:
    for name, flavor in flavors.items():
        assert bool(list(advice(nodes, name, flavors))) is not enough(flavor, nodes)


def test_advice_has_the_command_with_which_it_is_followed() -> None:
    (better,) = advice(8, "m1.medium", FLAVORS)
    assert better == (
        "cecf:cluster.control_plane.flavor: 'm1.medium' has 2 cores and 4096 MiB; for 8 nodes Kubernetes proposes 2 "
        "and 7680: pulumi config set --path 'cecf:cluster.control_plane.flavor' m1.large"
    )
    (alone,) = advice(4000, "m1.medium", FLAVORS)
    assert alone.endswith("Kubernetes proposes 32 and 122880: no flavor has them")


def test_a_plan_carries_the_advice_of_its_own_number_of_nodes() -> None:
    small = {"worker_pools": {"general": {"count": 2}}}
    large = {"worker_pools": {"general": {"count": 9}}}
    assert clusters.plan("dev", small).advice == ()
    assert clusters.plan("dev", large).advice == tuple(advice(12, "m1.medium", FLAVORS))

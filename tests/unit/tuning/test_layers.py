"""Base, profile, the cluster's values, the pool's values: the later layer wins, and each value knows its own."""

from typing import Any

from cecf.tuning.cluster import CONTROL_PLANE, ClusterTuning, Wish, Wishes, tune
from cecf.tuning.model import Component, Machine, Profile
from cecf.tuning.resolve import document
from cecf.tuning.tuned import Origin, Tuning

MACHINE = Machine(vcpus=4, ram_mib=16_384, disk_gib=100)

POOLS = {
    "own": Wish(values={"kubelet": {"maxPods": 40}}),
    "other": Wish(profile=Profile.THROUGHPUT),
    "plain": Wish(),
}


def tuned(profile: Profile | None = None, values: dict[str, Any] | None = None) -> ClusterTuning:
    """Return the tuning of a cluster with three pools; fail if anything is wrong with it."""
    cluster = Wish(profile=profile, values=values or {})
    machines = dict.fromkeys((CONTROL_PLANE, *POOLS), MACHINE)
    tuning, problems = tune(Wishes(release="1.34.4", cluster=cluster, pools=POOLS, volume_gib=20), machines)
    assert problems == []
    return tuning


def said(tuning: Tuning, name: str) -> tuple[Any, Origin]:
    """Return a value and its layer."""
    return tuning[name].value, tuning[name].origin


def test_without_a_word_everything_is_the_base() -> None:
    tuning = tuned()
    assert said(tuning.control_plane, "kubelet.imageGCHighThresholdPercent") == (80, Origin.BASE)
    assert said(tuning.cluster, "kube-apiserver.max-requests-inflight") == (400, Origin.BASE)


def test_a_profile_changes_what_it_names_and_nothing_else() -> None:
    base, latency = tuned(), tuned(Profile.LATENCY)
    assert said(latency.cluster, "kube-apiserver.max-requests-inflight") == (800, Origin.PROFILE)
    assert said(latency.cluster, "kube-apiserver.min-request-timeout") == (1800, Origin.BASE)
    for name, value in base.cluster.items():
        if latency.cluster[name].origin is Origin.BASE:
            assert latency.cluster[name].value == value.value


def test_a_pool_may_have_a_profile_of_its_own() -> None:
    tuning = tuned(Profile.LATENCY)
    assert said(tuning.pools["other"], "kubelet.containerLogMaxSize") == ("100Mi", Origin.PROFILE)
    assert said(tuning.pools["other"], "kubelet.cpuManagerPolicy") == ("none", Origin.BASE)
    assert said(tuning.pools["plain"], "kubelet.cpuManagerPolicy") == ("static", Origin.PROFILE)


def test_the_cluster_s_values_win_over_the_profile_and_the_pool_s_over_them() -> None:
    tuning = tuned(Profile.LATENCY, {"kubelet": {"maxPods": 60}})
    assert said(tuning.control_plane, "kubelet.maxPods") == (60, Origin.CLUSTER)
    assert said(tuning.pools["plain"], "kubelet.maxPods") == (60, Origin.CLUSTER)
    assert said(tuning.pools["own"], "kubelet.maxPods") == (40, Origin.POOL)
    assert tuning.pools["own"]["kubelet.maxPods"].location == "worker_pools.own.tuning.values.kubelet.maxPods"


def test_a_pool_s_change_touches_its_own_nodes_only() -> None:
    before = tuned()
    after, _ = tune(
        Wishes(
            release="1.34.4",
            cluster=Wish(),
            pools={**POOLS, "own": Wish(values={"kubelet": {"maxPods": 41}})},
            volume_gib=20,
        ),
        dict.fromkeys((CONTROL_PLANE, *POOLS), MACHINE),
    )
    assert (before.cluster, before.control_plane) == (after.cluster, after.control_plane)
    assert {name for name in POOLS if before.pools[name] != after.pools[name]} == {"own"}


def test_names_with_dots_may_be_written_whole_or_in_parts() -> None:
    whole = tuned(values={"sysctl": {"net.core.somaxconn": 1024}})
    parts = tuned(values={"sysctl": {"net": {"core": {"somaxconn": 1024}}}})
    assert said(whole.control_plane, "sysctl.net.core.somaxconn") == (1024, Origin.CLUSTER)
    assert document(whole.control_plane, Component.SYSCTL) == document(parts.control_plane, Component.SYSCTL)


def test_a_field_that_only_the_component_knows_is_passed_on() -> None:
    tuning = tuned(
        values={
            "kubelet": {"featureGates": {"KubeletSeparateDiskGC": True}, "userNamespaces": {"idsPerPod": 65536}},
            "kube-apiserver": {"enable-admission-plugins": "NodeRestriction,AlwaysPullImages"},
        }
    )
    kubelet = document(tuning.control_plane, Component.KUBELET)
    assert kubelet["featureGates"] == {"KubeletSeparateDiskGC": True}
    assert kubelet["userNamespaces"] == {"idsPerPod": 65536}
    server = document(tuning.cluster, Component.API_SERVER)
    assert server["enable-admission-plugins"] == "NodeRestriction,AlwaysPullImages"


def test_an_entry_of_a_map_joins_the_catalogue_s() -> None:
    tuning = tuned(
        values={
            "kubelet": {
                "evictionSoft": {"nodefs.available": "15%"},
                "evictionSoftGracePeriod": {"nodefs.available": "2m"},
            }
        }
    )
    soft = document(tuning.control_plane, Component.KUBELET)["evictionSoft"]
    assert soft == {"memory.available": "654Mi", "nodefs.available": "15%"}


def test_a_component_s_document_has_maps_in_maps() -> None:
    proxy = document(tuned().cluster, Component.KUBE_PROXY)
    assert proxy["conntrack"]["tcpCloseWaitTimeout"] == "1h"
    units = document(tuned().control_plane, Component.SYSTEMD)
    assert units["kubelet.service"]["OOMScoreAdjust"] == -999


def test_the_smallest_range_of_pods_decides_how_many_there_are() -> None:
    tuning = tuned(values={"kube-controller-manager": {"node-cidr-mask-size": 26}})
    assert tuning.pod_addresses == 64
    assert tuning.pools["plain"]["kubelet.maxPods"].value == 61


def test_a_field_of_the_component_s_own_may_be_written_whole_or_in_parts() -> None:
    whole = {"userNamespaces.idsPerPod": 65536, "evictionSoft.nodefs.available": "15%"}
    parts = {"userNamespaces": {"idsPerPod": 65536}, "evictionSoft": {"nodefs.available": "15%"}}
    grace = {"evictionSoftGracePeriod": {"nodefs.available": "2m"}}
    documents = [
        document(tuned(values={"kubelet": {**written, **grace}}).control_plane, Component.KUBELET)
        for written in (whole, parts)
    ]
    assert documents[0] == documents[1]
    assert documents[0]["userNamespaces"] == {"idsPerPod": 65536}

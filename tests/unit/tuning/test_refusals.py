"""Wrong tuning is refused before anything is created: where it stands, what is wrong, why, and what mends it."""

from typing import Any

import pytest

from cecf.plan import ClusterPlan, plan_cluster
from cecf.problems import InvalidInputError, Problem
from cecf.settings import load_settings, read_profile
from tests.helpers import clusters
from tests.helpers.settings_cases import mended


def plan(layer: dict[str, Any]) -> ClusterPlan:
    """Return the plan, as `preview` makes it: from settings and the cloud's flavors."""
    return plan_cluster(load_settings(layer, read_profile(layer["business"])).settings.cluster, clusters.CATALOG)


def refused(values: dict[str, Any], **cluster: Any) -> list[Problem]:
    """Return what is wrong with values of the cluster's tuning."""
    with pytest.raises(InvalidInputError) as caught:
        plan(clusters.layer("dev", {**cluster, "tuning": {"values": values}}))
    return list(caught.value.problems)


ELECTION = "kube-scheduler.leaderElection"
MEMORY = "kubelet.systemReserved.memory, kubelet.kubeReserved.memory, kubelet.evictionHard.memory.available"

WRONG: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "a misspelt field": (
        {"kubelet": {"maxPodz": 100}},
        "kubelet.maxPodz",
        "kubelet 1.34 has no 'maxPodz'",
        "did you mean 'maxPods'?",
    ),
    "a misspelt flag": (
        {"kube-apiserver": {"max-request-inflight": 100}},
        "kube-apiserver.max-request-inflight",
        "kube-apiserver 1.34 has no 'max-request-inflight'",
        "did you mean 'max-requests-inflight'?",
    ),
    "a component": (
        {"kubelett": {}},
        "kubelett",
        "there is no 'kubelett' to tune",
        "did you mean 'kubelet'?",
    ),
    "a duration without a unit": (
        {"kubelet": {"nodeStatusUpdateFrequency": 10}},
        "kubelet.nodeStatusUpdateFrequency",
        "10 has no unit",
        "kubelet takes 1s to 5m",
    ),
    "a unit where there is none": (
        {"etcd": {"heartbeat-interval": "100ms"}},
        "etcd.heartbeat-interval",
        "'100ms' is no whole number of ms",
        "etcd takes 10 to 5000 ms",
    ),
    "a wrong unit": (
        {"kubelet": {"containerLogMaxSize": "50MB"}},
        "kubelet.containerLogMaxSize",
        "'50MB' is no quantity such as 250m, 2, 100Mi or 1Gi",
        "kubelet takes 1Mi to 10Gi",
    ),
    "out of range": (
        {"kube-controller-manager": {"concurrent-resource-quota-syncs": 0}},
        "kube-controller-manager.concurrent-resource-quota-syncs",
        "0 is not in 1 to 500 workers",
        "quotas of many namespaces are counted anew in time; the default is 5",
    ),
    "low above high": (
        {"kubelet": {"imageGCLowThresholdPercent": 85}},
        "kubelet.imageGCLowThresholdPercent",
        "kubelet.imageGCLowThresholdPercent (85) is to be less than kubelet.imageGCHighThresholdPercent (80)",
        "the kubelet refuses to start: nothing would be cleaned up",
    ),
    "an election within ten heartbeats": (
        {"etcd": {"election-timeout": 900}},
        "etcd.election-timeout",
        "10 x etcd.heartbeat-interval (100) is to be not more than etcd.election-timeout (900)",
        "a few lost heartbeats must not cost the leader its place",
    ),
    "more memory reserved than there is": (
        {"kubelet": {"systemReserved": {"memory": "4Gi"}}},
        "kubelet.systemReserved.memory",
        f"{MEMORY} keep 4964Mi of 4096Mi",
        "nothing would be left for pods",
    ),
    "more pods than addresses": (
        {"kubelet": {"maxPods": 400}},
        "kubelet.maxPods",
        "kubelet.maxPods is 400 and a node's pod range has 256 addresses",
        "the network, the node itself and the broadcast take three: later pods would get none",
    ),
    "serial and parallel": (
        {"kubelet": {"serializeImagePulls": True}},
        "kubelet.serializeImagePulls",
        "kubelet.serializeImagePulls is true and kubelet.maxParallelImagePulls is 5",
        "the kubelet refuses to start",
    ),
    "a warning without a grace period": (
        {"kubelet": {"evictionSoft": {"nodefs.available": "15%"}}},
        'kubelet.evictionSoft["nodefs.available"]',
        "kubelet.evictionSoft.nodefs.available has no grace period",
        "the kubelet refuses to start: a soft threshold waits for as long as this says",
    ),
    "a quota that the volume does not hold": (
        {"etcd": {"quota-backend-bytes": 6 << 30}},
        "etcd.quota-backend-bytes",
        "etcd.quota-backend-bytes is 6442450944 and the volume has 10 GiB",
        "defragmentation writes a copy: twice the quota, and 1 GiB for log and snapshots, are 13 GiB",
    ),
    "a field that the plan gives": (
        {"kubelet": {"clusterDNS": ["10.96.0.10"]}},
        "kubelet.clusterDNS",
        "clusterDNS is not for tuning",
        "it follows from the rest of the settings",
    ),
    "a flag that another setting gives": (
        {"kube-apiserver": {"service-cluster-ip-range": "10.96.0.0/16"}},
        "kube-apiserver.service-cluster-ip-range",
        "service-cluster-ip-range is not for tuning",
        "set network.service_cidr",
    ),
    "a mode without its modules": (
        {"kube-proxy": {"mode": "ipvs"}},
        "kube-proxy.mode",
        "kube-proxy.mode is ipvs and modules.load lacks ip_vs, ip_vs_rr, ip_vs_sh, ip_vs_wrr",
        "kube-proxy would not start",
    ),
    "a lease beyond the grace period": (
        {"kubelet": {"nodeLeaseDurationSeconds": 60}},
        "kubelet.nodeLeaseDurationSeconds",
        "kubelet.nodeLeaseDurationSeconds is 60 s and kube-controller-manager.node-monitor-grace-period 50s",
        "a node would be given up while its lease is still good",
    ),
    "two leaders": (
        {"kube-scheduler": {"leaderElection": {"renewDeadline": "20s"}}},
        "kube-scheduler.leaderElection.renewDeadline",
        (
            "kube-scheduler.leaderElection.renewDeadline (20s) is to be less than kube-scheduler.leaderElection."
            "leaseDuration (15s)"
        ),
        "two would lead at once; the scheduler refuses to start",
    ),
    "an eviction signal that there is not": (
        {"kubelet": {"evictionHard": {"memory.avail": "1Gi"}}},
        'kubelet.evictionHard["memory.avail"]',
        "kubelet 1.34 has no 'evictionHard.memory.avail'",
        "did you mean 'evictionHard.memory.available'?",
    ),
    "a reservation of what is not reserved": (
        {"kubelet": {"systemReserved": {"gpu": "1"}}},
        "kubelet.systemReserved.gpu",
        "kubelet 1.34 has no 'systemReserved.gpu'",
        "did you mean 'systemReserved.cpu'?",
    ),
    "a word for a map": (
        {"kubelet": {"evictionHard": "1Gi"}},
        "kubelet.evictionHard",
        "should be its entries by name",
        "",
    ),
    "nothing for a part": (
        {"kube-proxy": {"conntrack": None}},
        "kube-proxy.conntrack",
        "should be its entries by name",
        "",
    ),
    "one setting in two spellings": (
        {"sysctl": {"net.core.somaxconn": 1024, "net": {"core": {"somaxconn": 2048}}}},
        "sysctl.net.core.somaxconn",
        'sysctl.net.core.somaxconn is set twice, here and at cluster.tuning.values.sysctl["net.core.somaxconn"]',
        "one of them would be lost",
    ),
    "tries that are a fifth late": (
        {"kube-scheduler": {"leaderElection": {"retryPeriod": "9s"}}},
        "kube-scheduler.leaderElection.retryPeriod",
        f"1.2 x {ELECTION}.retryPeriod (9s) is to be less than {ELECTION}.renewDeadline (10s)",
        "the leader would give up before its second try; the scheduler refuses to start",
    ),
    "huge pages beyond the memory": (
        {"sysctl": {"vm.nr_hugepages": 4000}},
        'sysctl["vm.nr_hugepages"]',
        f"{MEMORY}, sysctl.vm.nr_hugepages keep 9252Mi of 4096Mi",
        "nothing would be left for pods",
    ),
    "a score that is too low": (
        {"kubelet": {"oomScoreAdj": -2000}},
        "kubelet.oomScoreAdj",
        "-2000 is not in -1000 to 1000 points; -1000: never killed",
        "of all processes the kubelet goes last: without it nobody ends the pod that is too large",
    ),
    "a fraction that is too large": (
        {"kube-apiserver": {"goaway-chance": "0.5"}},
        "kube-apiserver.goaway-chance",
        "0.5 is not in 0 to 0.02 share of the requests",
        "the default: with one server there is no other to go to",
    ),
    "a flag that would open the cluster": (
        {"kube-apiserver": {"authorization-mode": "AlwaysAllow"}},
        "kube-apiserver.authorization-mode",
        "authorization-mode is not for tuning",
        "Node and RBAC; anything else opens the cluster, or shuts its nodes out",
    ),
    "a flag that would open the API to anybody": (
        {"kube-apiserver": {"anonymous-auth": True}},
        "kube-apiserver.anonymous-auth",
        "anonymous-auth is not for tuning",
        "cecf's own file closes the API to whoever has no credential, but for the health endpoints",
    ),
    "a flag that excludes the file which closes it": (
        {"kube-apiserver": {"oidc-issuer-url": "https://example.org"}},
        "kube-apiserver.oidc-issuer-url",
        "oidc-issuer-url is not for tuning",
        "the API server takes them or the file that closes the API to whoever has no credential",
    ),
    "a record of one's own": (
        {"kube-apiserver": {"audit-policy-file": "/etc/policy.yaml"}},
        "kube-apiserver.audit-policy-file",
        "audit-policy-file is not for tuning",
        "set control_plane.audit.policy",
    ),
    "another encryption": (
        {"kube-apiserver": {"encryption-provider-config": "/etc/own.yaml"}},
        "kube-apiserver.encryption-provider-config",
        "encryption-provider-config is not for tuning",
        "Secrets are encrypted with the cluster's own keys",
    ),
    "another admission plugin without what kubeadm has": (
        {"kube-apiserver": {"enable-admission-plugins": "AlwaysPullImages"}},
        "kube-apiserver.enable-admission-plugins",
        "kube-apiserver.enable-admission-plugins lacks NodeRestriction",
        "kubeadm's own value is lost, and each node could change the others",
    ),
    "an admission plugin that keeps the cluster closed": (
        {"kube-apiserver": {"disable-admission-plugins": "PodSecurity,DefaultIngressClass"}},
        "kube-apiserver.disable-admission-plugins",
        "kube-apiserver.disable-admission-plugins has PodSecurity",
        "the cluster would be open without",
    ),
    "an odd key": (
        {"kubelet": {"mäxPods": 5}},
        'kubelet["mäxPods"]',
        "kubelet 1.34 has no 'mäxPods'",
        "did you mean 'maxPods'?",
    ),
    "modules without those that are needed": (
        {"modules": {"load": ["overlay"]}},
        "modules.load",
        "modules.load lacks br_netfilter, nf_conntrack",
        "containers, bridged pod traffic and kube-proxy need them",
    ),
    "connections on NodePorts": (
        {"sysctl": {"net.ipv4.ip_local_port_range": "1024 65535"}},
        'sysctl["net.ipv4.ip_local_port_range"]',
        "sysctl.net.ipv4.ip_local_port_range is 1024 65535",
        "two ports, the first above the NodePorts, 30000 to 32767, or connections would take them",
    ),
}


@pytest.mark.parametrize(("values", "path", "what", "why"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_refused_where_it_stands(values: dict[str, Any], path: str, what: str, why: str) -> None:
    (found,) = refused(values)
    assert (found.path, found.what, found.why) == (f"cluster.tuning.values.{path}", what, why)
    assert found.mend.startswith("pulumi config ")


MENDED_BY_ONE_COMMAND = {case: values for case, (values, *_) in WRONG.items() if "<" not in refused(values)[0].mend}
"""The others say what a person has to choose."""


@pytest.mark.parametrize("values", MENDED_BY_ONE_COMMAND.values(), ids=MENDED_BY_ONE_COMMAND)
def test_doing_what_a_refusal_says_mends_it(values: dict[str, Any]) -> None:
    layer = clusters.layer("dev", {"tuning": {"values": values}})
    assert plan(mended(layer, refused(values)[0].mend))


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = refused({"kubelet": {"maxPodz": 1, "maxPods": "x"}, "etcd": {"election-timeout": 200}}, zones=["a", "a"])
    assert [problem.path.removeprefix("cluster.") for problem in found] == [
        "zones[1]",
        "tuning.values.kubelet.maxPodz",
        "tuning.values.kubelet.maxPods",
        "tuning.values.etcd.election-timeout",
    ]


def test_a_field_of_a_newer_minor_is_refused_with_the_minor_that_has_it() -> None:
    flag = "coordinated-leadership-lease-duration"
    (found,) = refused({"kube-apiserver": {flag: "20s"}}, kubernetes_version="1.33.6")
    assert found.what == f"kube-apiserver 1.33 has no '{flag}'"
    assert found.why == "kube-apiserver has it from 1.34 on; this cluster is 1.33"


def test_a_field_that_is_gone_is_refused_with_the_minor_that_had_it_last() -> None:
    (found,) = refused({"etcd": {"enable-v2": True}})
    assert found.why == "etcd had it until 1.33; this cluster is 1.34"


def test_a_release_without_a_table_is_refused() -> None:
    (found,) = refused({}, kubernetes_version="1.20.1")
    assert (found.path, found.what) == ("cluster.kubernetes_version", "Kubernetes 1.20 is not supported")


def test_a_pool_has_node_settings_only() -> None:
    layer = clusters.layer("dev", {"worker_pools": {"general": {"tuning": {"values": {"etcd": {"max-wals": 3}}}}}})
    with pytest.raises(InvalidInputError) as caught:
        plan(layer)
    (found,) = caught.value.problems
    assert found.path == "cluster.worker_pools.general.tuning.values.etcd"
    assert found.what == "etcd is one for the whole cluster"
    assert plan(mended(layer, found.mend))


def test_a_contradiction_in_a_pool_is_the_pool_s() -> None:
    tuning = {"values": {"kubelet": {"imageGCLowThresholdPercent": 90}}}
    with pytest.raises(InvalidInputError) as caught:
        plan(clusters.layer("dev", {"worker_pools": {"general": {"tuning": tuning}}}))
    (found,) = caught.value.problems
    assert found.path == "cluster.worker_pools.general.tuning.values.kubelet.imageGCLowThresholdPercent"


def test_a_profile_that_the_volume_does_not_carry_is_refused_at_the_volume() -> None:
    with pytest.raises(InvalidInputError) as caught:
        plan(clusters.layer("dev", {"tuning": {"profile": "huge"}}))
    (found,) = caught.value.problems
    assert found.path == "cluster.etcd.volume.size_gib"
    assert found.mend == "pulumi config set --path 'cecf:cluster.etcd.volume.size_gib' 17"


def test_a_flavor_that_is_too_small_is_refused_by_itself() -> None:
    catalog = clusters.with_flavor("m1.medium", vcpus=1, ram_mib=512, disk_gib=10)
    with pytest.raises(InvalidInputError) as caught:
        plan_cluster(clusters.settings("dev").cluster, catalog)
    said = {problem.path: problem.what for problem in caught.value.problems}
    assert said == {
        "cluster.control_plane.flavor": "1 cores, 512 MiB and 10 GiB of disk are too little: "
        "2 cores, 1700 MiB and 10 GiB of disk are the least",
        "cluster.worker_pools.general.flavor": "1 cores, 512 MiB and 10 GiB of disk are too little: "
        "1 cores, 1024 MiB and 10 GiB of disk are the least",
    }


def test_what_is_wrong_with_quoted_keys_hides_nothing_else() -> None:
    layer = clusters.layer("dev", {"tuning": {"values": {"sysctl": {"net.core.somaxconn": 1}}}}, isolation="isolated")
    layer["cluster"]["network"] = {"nodes": {**EXISTING}}
    with pytest.raises(InvalidInputError) as caught:
        plan(layer)
    assert [problem.path for problem in caught.value.problems] == [
        'cluster.tuning.values.sysctl["net.core.somaxconn"]',
        "cluster.network.nodes.kind",
    ]


EXISTING = {
    "kind": "existing",
    "network": "shared",
    "subnet": "shared-v4",
    "cidr": "10.60.0.0/16",
    "reserved": "10.60.1.0/28",
}


def test_a_release_that_is_not_supported_is_all_that_is_said() -> None:
    (found,) = refused({"kubelet": {"maxPodz": 1}}, kubernetes_version="1.20.1")
    assert found.path == "cluster.kubernetes_version"


def test_a_soft_threshold_that_nobody_set_follows_the_hard_one() -> None:
    layer = clusters.layer("dev", {"tuning": {"values": {"kubelet": {"evictionHard": {"memory.available": "300Mi"}}}}})
    assert plan(layer).tuning.control_plane["kubelet.evictionSoft.memory.available"].value == "600Mi"


@pytest.mark.parametrize("values", [[], {"kubelet": []}, {"kubelet": None}, {"etcd": "x"}, {"kubelet": {"": 1}}])
def test_nothing_that_is_written_ends_in_a_trace(values: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        plan(clusters.layer("dev", {"tuning": {"values": values}}))
    assert all(problem.path.startswith("cluster.tuning.values") for problem in caught.value.problems)

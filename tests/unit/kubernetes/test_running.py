"""What components run with, from what they really say: extracts of a booted cluster's answers."""

import json
import subprocess
from typing import Any

import pytest

from cecf.kubernetes.running import examine
from cecf.kubernetes.running.asking import PROGRAM, Answer, Question, ask
from cecf.kubernetes.running.readers import READERS, members_of, questions, seen
from cecf.plan import ClusterPlan
from cecf.settings import businesses
from cecf.tuning import kinds
from cecf.tuning.drift import Drift, Seen, Unread, drifts, unread
from cecf.tuning.kinds import Value
from cecf.tuning.members import Member
from cecf.tuning.model import Component
from cecf.tuning.tuned import Origin, Tuned
from tests.helpers import clusters
from tests.unit.kubernetes.conftest import Api

KUBE_PROXY = {
    "kubeproxy.config.k8s.io": {
        "Linux": {
            "Conntrack": {"MaxPerCore": 32768, "Min": 131072, "TCPCloseWaitTimeout": "1h0m0s", "UDPTimeout": "0s"},
            "MasqueradeAll": False,
            "OOMScoreAdj": -999,
        },
        "ClientConnection": {"QPS": 5, "Burst": 10},
        "Mode": "nftables",
        "NodePortAddresses": ["10.77.0.6/32"],
        "SyncPeriod": "30s",
        "MinSyncPeriod": "2s",
    }
}

NODE = {
    "status": {
        "addresses": [
            {"type": "InternalIP", "address": "10.77.0.6"},
            {"type": "InternalIP", "address": "fd00::6"},
            {"type": "Hostname", "address": "proof-control-plane-1"},
        ]
    }
}

SCHEDULER = {
    "componentconfig": {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "LeaderElection": {"LeaseDuration": "15s"},
        "ClientConnection": {"QPS": 50},
        "PodInitialBackoffSeconds": 1,
        "Profiles": [
            {
                "SchedulerName": "default-scheduler",
                "PercentageOfNodesToScore": None,
                "PluginConfig": [
                    {"Name": "DefaultPreemption", "Args": {"MinCandidateNodesPercentage": 10}},
                    {
                        "Name": "NodeResourcesFit",
                        "Args": {
                            "IgnoredResources": None,
                            "ScoringStrategy": {
                                "Type": "LeastAllocated",
                                "Resources": [{"Name": "cpu", "Weight": 1}, {"Name": "memory", "Weight": 1}],
                                "RequestedToCapacityRatio": None,
                            },
                        },
                    },
                ],
            }
        ],
    }
}

KUBELET = {"kubeletconfig": {"maxPods": 88, "evictionHard": {"memory.available": "100Mi"}, "seccompDefault": True}}

ETCD_STATUS = """\
[{"Endpoint":"127.0.0.1:2379","Status":{"header":{"cluster_id":4536738711398609945,"member_id":3005821431719968385,\
"revision":1147,"raft_term":2},"version":"3.6.5","dbSize":2519040,"leader":14167249795970051470,"raftIndex":1263,\
"dbSizeInUse":2519040,"storageVersion":"3.6.0","dbSizeQuota":4294967296,"downgradeInfo":{}}}]
"""

ETCD_FLAGS = json.dumps(["etcd", "--quota-backend-bytes=4294967296", "--pre-vote", "-name", "--log-level=info=x"])

CONTAINERD_1 = """\
oom_score = -999
version = 2
[plugins]
  [plugins."io.containerd.gc.v1.scheduler"]
    max_concurrent_downloads = 7
  [plugins."io.containerd.grpc.v1.cri"]
    max_concurrent_downloads = 3
    max_container_log_line_size = 16384
"""

CONTAINERD_2 = """\
oom_score = -999
version = 3
[plugins]
  [plugins.'io.containerd.cri.v1.images']
    max_concurrent_downloads = 3
  [plugins.'io.containerd.cri.v1.runtime']
    max_container_log_line_size = 16384
"""

HAPROXY = "Name: HAProxy\nVersion: 2.6.12-1+deb12u4\nUlimit-n: 16042\nMaxsock: 16042\nMaxconn: 8000\nMaxSslConns: 0\n"

TEXTS: dict[Question, Any] = {
    ("kubelet",): KUBELET,
    ("node",): NODE,
    ("configz", "kube-proxy"): KUBE_PROXY,
    ("configz", "kube-scheduler"): SCHEDULER,
    ("flags", "etcd"): ETCD_FLAGS,
    ("etcd",): ETCD_STATUS,
    ("containerd",): CONTAINERD_1,
    ("haproxy",): HAPROXY,
    ("sysctl", "net.ipv4.tcp_rmem"): "4096\t131072\t16777216\n",
    ("sysctl", "net.netfilter.nf_conntrack_udp_timeout"): "1800\n",
    ("unit", "kubelet.service", "NeedDaemonReload", "LimitNOFILE"): "LimitNOFILE=1000000\nNeedDaemonReload=no\n",
    ("unit", "a.slice", "NeedDaemonReload", "CPUWeight"): "CPUWeight=[not set]\nNeedDaemonReload=no\n",
    ("unit", "b.slice", "NeedDaemonReload", "CPUWeight"): "CPUWeight=500\nNeedDaemonReload=yes\n",
    ("unit", "etcd.service", "NeedDaemonReload", "Nice"): "Nice=-10\nNeedDaemonReload=no\n",
    ("unit", "etcd.service", "NeedDaemonReload", "IOSchedulingClass"): "IOSchedulingClass=2\nNeedDaemonReload=no\n",
    ("unit", "etcd.service", "NeedDaemonReload", "OOMScoreAdjust"): "OOMScoreAdjust=-999\nNeedDaemonReload=yes\n",
    ("module", "overlay"): "yes",
    ("module", "ip_vs"): "no",
}
"""What a node says."""


def running(component: str, *path: str, declared: Value = None, **texts: Any) -> list[Seen]:
    """Return what is seen of a value; `texts` are other answers, by the first word of the question."""
    tuned = Tuned(
        id=".".join((component, *path)),
        component=Component(component),
        path=path,
        value=declared,
        origin=Origin.BASE,
        kind=kinds.Anything(),
    )
    said = {question: texts.get(question[0], text) for question, text in TEXTS.items()}
    answers = {
        question: text if isinstance(text, Answer) else Answer(text if isinstance(text, str) else json.dumps(text))
        for question, text in said.items()
    }
    return list(seen({tuned.id: tuned}, "1.34", answers))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("kubelet", "maxPods"), 88),
        (("kubelet", "evictionHard", "memory.available"), "100Mi"),
        (("kubelet", "evictionSoft", "memory.available"), None),
        (("kube-proxy", "mode"), "nftables"),
        (("kube-proxy", "conntrack", "min"), 131072),
        (("kube-proxy", "oomScoreAdj"), -999),
        (("kube-proxy", "nftables", "minSyncPeriod"), "2s"),
        (("kube-proxy", "nftables", "masqueradeAll"), False),
        (("kube-proxy", "nodePortAddresses"), ["primary"]),
        (("kube-proxy", "clientConnection", "qps"), 5),
        (("kube-scheduler", "podInitialBackoffSeconds"), 1),
        (("kube-scheduler", "leaderElection", "leaseDuration"), "15s"),
        (("kube-scheduler", "clientConnection", "qps"), 50),
        (("containerd", "oom_score"), -999),
        (("containerd", "cri", "max_concurrent_downloads"), 3),
        (("containerd", "cri", "image_pull_progress_timeout"), None),
        (("systemd", "kubelet.service", "LimitNOFILE"), "1000000"),
        (("systemd", "a.slice", "CPUWeight"), None),
        (("etcd-unit", "Nice"), "-10"),
        # systemd shows the kernel's number.
        (("etcd-unit", "IOSchedulingClass"), "best-effort"),
        (("sysctl", "net.ipv4.tcp_rmem"), "4096\t131072\t16777216"),
        (("haproxy", "maxconn"), "8000"),
        (("etcd", "pre-vote"), "true"),
        (("etcd", "log-level"), "info=x"),
    ],
)
def test_each_value_is_found_where_its_component_has_it(path: tuple[str, ...], value: Value) -> None:
    (found,) = running(*path)
    assert (found.value, found.fault) == (value, "")


def test_a_flag_that_is_not_given_has_the_component_s_default() -> None:
    (found,) = running("etcd", "election-timeout")
    assert found.value == 1000


def test_etcd_s_quota_is_seen_in_its_flags_and_in_what_it_does() -> None:
    found = running("etcd", "quota-backend-bytes")
    assert [(each.source, each.value) for each in found] == [
        ("its process' flags", "4294967296"),
        ("etcdctl endpoint status", 4294967296),
    ]


@pytest.mark.parametrize(("declared", "kernel"), [("30m", "30m"), ("1800500ms", "1800500ms"), ("29m", "1800s")])
def test_kube_proxy_s_timeouts_are_seen_in_the_kernel_too(declared: str, kernel: str) -> None:
    shown, found = running("kube-proxy", "conntrack", "udpTimeout", declared=declared)
    assert (shown.value, found.value, found.source) == ("0s", kernel, "/proc/sys")


def test_a_timeout_that_kube_proxy_leaves_to_the_kernel_is_not_looked_for_there() -> None:
    (found,) = running("kube-proxy", "conntrack", "udpTimeout", declared="0s")
    assert found.source == "/configz"


def test_the_modules_that_are_there_are_seen() -> None:
    (found,) = running("modules", "load", declared=["overlay", "ip_vs"])
    assert found.value == ["overlay"]


def test_containerd_2_has_its_values_in_two_plugins() -> None:
    for name, value in (("max_concurrent_downloads", 3), ("max_container_log_line_size", 16384)):
        (found,) = running("containerd", "cri", name, containerd=CONTAINERD_2)
        assert found.value == value


@pytest.mark.parametrize("addresses", [["10.77.0.9/32"], ["10.77.0.0/24"], ["10.77.0.6/32", "10.77.0.9/32"]])
def test_other_addresses_for_node_ports_are_not_the_primary_ones(addresses: list[str]) -> None:
    document = {"kubeproxy.config.k8s.io": {"Mode": "nftables", "NodePortAddresses": addresses}}
    (found,) = running("kube-proxy", "nodePortAddresses", configz=document)
    assert found.value == addresses


@pytest.mark.parametrize(
    ("mode", "path", "value"),
    [
        ("ipvs", ("ipvs", "syncPeriod"), "30s"),
        ("ipvs", ("iptables", "masqueradeAll"), True),
        ("", ("iptables", "syncPeriod"), "30s"),
        ("iptables", ("nftables", "masqueradeBit"), 14),
    ],
)
def test_kube_proxy_keeps_some_fields_of_its_own_mode_only(mode: str, path: tuple[str, str], value: Value) -> None:
    document = {"Mode": mode, "SyncPeriod": "30s", "Linux": {"MasqueradeAll": True}, "NFTables": {"MasqueradeBit": 14}}
    (found,) = running("kube-proxy", *path, configz={"kubeproxy.config.k8s.io": document})
    assert found.value == value


@pytest.mark.parametrize(
    ("path", "texts", "why"),
    [
        (("kubelet", "maxPods"), {"kubelet": Answer(fault="the API says 502: no")}, "the API says 502: no"),
        (("kubelet", "maxPods"), {"kubelet": "[]"}, "what it says is not understood: "),
        (("etcd", "name"), {"flags": "no JSON"}, "what it says is not understood: "),
        (("containerd", "oom_score"), {"containerd": "= ="}, "what it says is not understood: "),
        (("containerd", "cri", "x"), {"containerd": "version = 2"}, "what it says is not understood: "),
        (("haproxy", "maxconn"), {"haproxy": "Unknown command\n"}, "what it says is not understood: "),
        (("kube-proxy", "iptables", "syncPeriod"), {}, "kube-proxy is in the mode nftables, and keeps nothing of"),
        (("systemd", "b.slice", "CPUWeight"), {}, "its files have changed since systemd read them"),
        (("etcd-unit", "OOMScoreAdjust"), {}, "its files have changed since systemd read them"),
    ],
)
def test_what_cannot_be_read_is_told_with_why(path: tuple[str, ...], texts: dict[str, Any], why: str) -> None:
    (found,) = running(*path, **texts)
    assert found.fault.startswith(why)
    assert found.value is None


def test_a_member_of_etcd_tells_of_itself() -> None:
    (found,) = members_of("a", {("etcd",): Answer(ETCD_STATUS)})
    assert found == Member(node="a", version="3.6.5", leader=14167249795970051470, revision=1147, size=2519040)


def test_a_member_that_has_lost_its_leader_tells_of_none() -> None:
    (found,) = members_of("a", {("etcd",): Answer(ETCD_STATUS.replace('"leader":14167249795970051470,', ""))})
    assert found.leader == 0


@pytest.mark.parametrize("answer", [Answer(fault="no route"), Answer("[]"), Answer("{"), Answer('[{"Endpoint":""}]')])
def test_a_member_that_does_not_answer_is_none(answer: Answer) -> None:
    assert members_of("a", {("etcd",): answer}) == members_of("a", {}) == []


# ------------------------------------------------------------------ asking


@pytest.fixture(scope="module")
def plan() -> ClusterPlan:
    """Return dev's plan."""
    return clusters.plan("dev")


@pytest.mark.parametrize("business", businesses())
def test_there_is_a_way_to_see_every_value_of_every_business(business: str) -> None:
    plan = clusters.committed(business)
    assert set(READERS) == set(Component)
    for node in plan.nodes:
        declared = plan.declared_on(node)
        answers = {question: Answer(fault="nobody was asked") for question in questions(declared)}
        assert {each.id for each in seen(declared, plan.tuning.minor, answers)} == declared.keys()


def test_a_node_is_asked_once_for_everything_and_the_api_for_the_kubelet(api: Api) -> None:
    api.objects["/api/v1/nodes/a/proxy/configz"] = KUBELET
    commands = []

    def on_node(*command: str) -> str:
        commands.append(command)
        return json.dumps([{"text": "0\n"}, {"fault": "nothing"}])

    answers = ask("a", {("kubelet",), ("sysctl", "vm.swappiness"), ("node",), ("haproxy",)}, api.client, on_node)
    assert commands == [
        ("a", "python3", "-c", PROGRAM.read_text(), '[["haproxy"], ["sysctl", "vm.swappiness"]]'),
    ]
    assert answers == {
        ("kubelet",): Answer(json.dumps(KUBELET)),
        ("node",): Answer(fault="the API has no /api/v1/nodes/a"),
        ("haproxy",): Answer("0\n"),
        ("sysctl", "vm.swappiness"): Answer(fault="nothing"),
    }


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError("no route to host"), "no route to host"),
        (
            subprocess.CalledProcessError(255, ["ssh", "a program"], stderr="one\nPermission denied\n"),
            "Permission denied",
        ),
        (subprocess.TimeoutExpired(["ssh", "a program"], 5), "TimeoutExpired"),
    ],
)
def test_a_node_that_cannot_be_asked_leaves_its_values_unread(
    api: Api, plan: ClusterPlan, error: Exception, why: str
) -> None:
    def on_node(*_command: str) -> str:
        raise error

    outcomes = examine(plan, api.client, on_node)
    assert len(outcomes) == len(unread(outcomes))
    node = plan.nodes[0].name
    assert {each.why for each in unread(outcomes) if each.id.startswith("sysctl.") and each.node == node} == {
        f"{node} could not be asked: {why}"
    }


@pytest.mark.parametrize("said", ["", "{}", "[]", '[{"word": "x"}]'])
def test_a_node_that_says_something_else_leaves_its_values_unread(api: Api, plan: ClusterPlan, said: str) -> None:
    outcomes = examine(plan, api.client, lambda *_command: said)
    assert len(outcomes) == len(unread(outcomes))


def test_every_node_is_compared_with_its_own_values_and_etcd_s_members_with_each_other(
    api: Api, plan: ClusterPlan
) -> None:
    def on_node(node: str, *command: str) -> str:
        answers = []
        for question in json.loads(command[-1]):
            status = json.loads(ETCD_STATUS)
            status[0]["Status"]["leader"] = int(node[-1])
            text = {"etcd": json.dumps(status), "sysctl": "0\n"}.get(question[0])
            answers.append({"text": text} if text else {"fault": "not asked in this test"})
        return json.dumps(answers)

    outcomes = examine(plan, api.client, on_node)
    asked = {(node.name, name) for node in plan.nodes for name in plan.declared_on(node)}
    assert {(each.node, each.id) for each in outcomes if each.node} == asked
    (between,) = [each for each in outcomes if not each.node]
    assert isinstance(between, Drift)
    assert between.id == "etcd.leader"
    assert between.running == {f"dev-control-plane-{ordinal}": ordinal for ordinal in (1, 2, 3)}
    here = {each.id for each in drifts(outcomes) if each.node == plan.nodes[-1].name}
    assert "sysctl.vm.overcommit_memory" in here
    assert "sysctl.vm.swappiness" not in here
    assert any(isinstance(each, Unread) and each.id == "kubelet.maxPods" for each in outcomes)


def test_members_of_two_etcds_need_not_agree(api: Api) -> None:
    plan = clusters.plan("dev", {"etcd": {"topology": "external", "events": {"members": 3}}})

    def on_node(node: str, *command: str) -> str:
        status = json.loads(ETCD_STATUS)
        status[0]["Status"]["leader"] = 7 if "events" in node else 5
        answers = {"etcd": {"text": json.dumps(status)}}
        return json.dumps([answers.get(question[0], {"fault": "not asked"}) for question in json.loads(command[-1])])

    outcomes = examine(plan, api.client, on_node)
    assert [each.id for each in outcomes if not each.node] == []
    asked = {each.node for each in outcomes if each.id.startswith("etcd-unit.")}
    assert asked == {node.name for node in plan.nodes if node.role == "etcd"}

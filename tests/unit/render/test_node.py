"""What a node is told: who it is, what its kernel needs, in words that cloud-init knows."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from cecf import render
from cecf.plan import ClusterPlan, NodePlan, Role
from cecf.render.node import document
from cecf.settings import businesses
from tests.helpers import clusters
from tests.helpers.strategies import CLUSTERS, Cluster, plan_of
from tests.helpers.user_data import config, files

UNITS = "/etc/systemd/system"

few = settings(max_examples=10)  # a document takes its time


def told(plan: ClusterPlan) -> dict[str, str]:
    """Return the user data of each node by name."""
    return {node.name: render.user_data(plan, node, clusters.facts(node)) for node in plan.nodes}


def identity(plan: ClusterPlan, node: NodePlan) -> dict[str, object]:
    """Return what a node's own program knows of it."""
    loaded: dict[str, object] = json.loads(files(plan, node)["/etc/cecf/node.json"])
    return loaded


@pytest.fixture
def dev() -> ClusterPlan:
    """Return the plan of the dev cluster."""
    return clusters.plan("dev")


def test_a_node_reads_in_one_file_who_it_is(dev: ClusterPlan) -> None:
    assert identity(dev, dev.control_plane.nodes[1]) == {
        "cluster": "dev",
        "node": "dev-control-plane-2",
        "role": "control-plane",
        "pool": "control-plane",
        "zone": "az2",
        "kubernetes_version": "1.34.4",
        "endpoint": "10.10.0.5:8443",
        "endpoint_kind": "virtual_address",
        "address": "10.10.0.7",
        "first": False,
        "peers": ["10.10.0.6", "10.10.0.8"],
        "ignored_checks": [],
        "volumes": {"/var/lib/etcd": "5e1d0d3c-0f5a-4c1e-9a53-000000000001"},
        "etcd": {
            "name": "dev-control-plane-2",
            "address": "10.10.0.7",
            "members": {f"dev-control-plane-{ordinal}": f"10.10.0.{5 + ordinal}" for ordinal in (1, 2, 3)},
            "token": "dev-etcd",
            "restore": None,
            "data": "/var/lib/etcd/data",
            "wal": "/var/lib/etcd/wal",
            "disk_check": "warn",
            "fsync_p99_ms": 100,
            "defragment_above_percent": 45,
            "defragment_above_mib": 100,
        },
        "backup": None,
    }


def test_control_planes_know_each_other_and_workers_know_none(dev: ClusterPlan) -> None:
    addresses = {str(node.address) for node in dev.control_plane.nodes}
    for node in dev.nodes:
        others = addresses - {str(node.address)}
        assert identity(dev, node)["peers"] == (sorted(others) if node.role is Role.CONTROL_PLANE else [])


def test_a_worker_has_no_fixed_address_no_volume_and_no_etcd_and_never_begins_a_cluster(dev: ClusterPlan) -> None:
    known = identity(dev, dev.nodes[-1])
    told = (known["role"], known["address"], known["volumes"], known["etcd"], known["first"])
    assert told == ("worker", None, {}, None, False)


@few
@given(CLUSTERS)
def test_exactly_one_node_may_begin_the_cluster(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    some = {node.name: node for node in (*plan.control_plane.nodes, plan.nodes[-1])}
    assert [name for name, node in some.items() if identity(plan, node)["first"]] == [plan.control_plane.nodes[0].name]


def test_the_document_in_the_user_data_is_the_one_that_people_review(dev: ClusterPlan) -> None:
    node = dev.nodes[0]
    assert config(dev, node) == yaml.safe_load(document(dev, node, clusters.facts(node)))


def test_kubernetes_finds_the_modules_and_settings_that_it_needs_at_each_boot(dev: ClusterPlan) -> None:
    written = files(dev, dev.nodes[0])
    assert written["/etc/modules-load.d/cecf.conf"].split() == ["overlay", "br_netfilter", "nf_conntrack"]
    sysctls = set(written["/etc/sysctl.d/90-cecf.conf"].splitlines())
    assert {"net.ipv4.ip_forward = 1", "net.bridge.bridge-nf-call-iptables = 1"} <= sysctls
    # The kubelet refuses others: `protectKernelDefaults`.
    keys = {"kernel.keys.root_maxbytes = 25000000", "kernel.keys.root_maxkeys = 1000000"}
    panics = {"kernel.panic = 10", "kernel.panic_on_oops = 1", "vm.overcommit_memory = 1", "vm.panic_on_oom = 0"}
    assert keys | panics <= sysctls


INSTALLED = "/usr/local/lib/cecf/"


def test_every_node_gets_the_program_as_it_is_in_the_repository(dev: ClusterPlan) -> None:
    for node in dev.nodes:
        modules = {path: text for path, text in files(dev, node).items() if path.startswith(INSTALLED + "cecf/")}
        assert "cecf/node/boot.py" in {path.removeprefix(INSTALLED) for path in modules}
        for path, text in modules.items():
            assert text == (clusters.ROOT / path.removeprefix(INSTALLED)).read_text()


@pytest.mark.parametrize("topology", ["stacked", "external"])
def test_the_program_on_a_node_has_every_module_that_it_imports(topology: str, tmp_path: Path) -> None:
    plan = clusters.plan("dev", {"etcd": {"topology": topology, "events": {}}})
    for pool in plan.pools:
        node = pool.nodes[0]
        root = tmp_path / pool.name
        for path, text in files(plan, node).items():
            if path.startswith(INSTALLED):
                file = root / path.removeprefix(INSTALLED)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
        # All that its units run, by the standard library alone.
        found = [line.split(" -m ")[1].split()[0] for text in units(plan, node).values() for line in runs(text)]
        assert "cecf.node.boot" in found
        code = f"import {', '.join(sorted(set(found)))}"
        path = f"import sys; sys.path.insert(0, {str(root)!r})"
        done = subprocess.run([sys.executable, "-I", "-S", "-c", f"{path}; {code}"], check=False)
        assert done.returncode == 0, node.name


def units(plan: ClusterPlan, node: NodePlan) -> dict[str, str]:
    """Return the units that a node's user data writes, by name."""
    return {Path(path).name: text for path, text in files(plan, node).items() if Path(path).parent == Path(UNITS)}


def runs(unit: str) -> list[str]:
    """Return the lines of a unit that run the program."""
    return [line for line in unit.splitlines() if line.startswith("ExecStart=/usr/bin/python3 -m ")]


def test_cloud_init_is_done_when_the_files_are_there_and_the_node_goes_on_by_itself(dev: ClusterPlan) -> None:
    commands = config(dev, dev.nodes[0])["runcmd"]
    assert commands[0] == ["systemctl", "daemon-reload"]
    assert commands[-1] == ["systemctl", "start", "--no-block", "cecf-data-disk.service", "cecf-boot.service"]
    assert {command[0] for command in commands} == {"systemctl"}


def test_pods_are_kept_from_the_metadata_service_before_anything_else_starts(dev: ClusterPlan) -> None:
    for node in (dev.nodes[0], dev.nodes[-1]):
        commands, written = config(dev, node)["runcmd"], files(dev, node)
        assert commands[1] == ["systemctl", "enable", "--now", "cecf-metadata-guard.service"]
        unit = written["/etc/systemd/system/cecf-metadata-guard.service"].splitlines()
        assert {"Before=kubelet.service", "RequiredBy=kubelet.service"} <= set(unit)
        assert "ip daddr 169.254.169.254 counter drop" in written["/etc/cecf/metadata-guard.nft"]


def test_clocks_agree_on_every_node(dev: ClusterPlan) -> None:
    # etcd's leases, tokens and certificates want it.
    assert [
        n.name for n in dev.nodes if ["systemctl", "enable", "--now", "chrony"] not in config(dev, n)["runcmd"]
    ] == []


@pytest.mark.parametrize("etcd", [{}, {"topology": "external", "events": {}}])
def test_every_unit_that_is_enabled_or_named_by_another_is_written(etcd: dict[str, object]) -> None:
    plan = clusters.plan("dev", {"etcd": etcd})
    for pool in plan.pools:
        node = pool.nodes[0]
        written = units(plan, node)
        words = {word for command in config(plan, node)["runcmd"] for word in command}
        words |= {line.removeprefix("OnFailure=") for text in written.values() for line in text.splitlines()}
        named = {word for word in words if word.startswith("cecf-") and word.endswith((".service", ".timer"))}
        timers = {name for name in written if name.endswith(".timer")}
        assert named | {name.replace(".timer", ".service") for name in timers} <= written.keys()
        assert timers <= named


def test_etcd_never_starts_without_its_disk(dev: ClusterPlan) -> None:
    unit = units(dev, dev.nodes[0])["cecf-data-disk.service"].splitlines()
    assert {"Before=etcd.service", "RequiredBy=etcd.service", "RemainAfterExit=yes"} <= set(unit)


def test_a_server_of_etcd_s_own_has_nothing_of_kubernetes() -> None:
    plan = clusters.plan("dev", {"etcd": {"topology": "external"}})
    node = plan.etcd.members[0]
    kubernetes = ("kube", "containerd", "haproxy", "keepalived", "metadata-guard", "/etc/cecf/pki", "join.conf")
    assert [path for path in files(plan, node) if any(word in path for word in kubernetes)] == []


def test_the_runtime_s_sandbox_image_is_one_that_the_node_image_has(dev: ClusterPlan) -> None:
    assert 'sandbox_image = "cecf.local/pause:3.10.1"' in files(dev, dev.nodes[0])["/etc/containerd/config.toml"]
    other = clusters.plan("dev", {"image_repository": "registry.example/k8s"})
    assert 'sandbox_image = "registry.example/k8s/pause:' in files(other, other.nodes[0])["/etc/containerd/config.toml"]


@pytest.mark.parametrize(("release", "pause"), [("1.33.1", "3.10"), ("1.34.2", "3.10.1"), ("1.36.0", "3.10.2")])
def test_the_sandbox_image_is_the_one_that_kubeadm_of_the_release_wants(release: str, pause: str) -> None:
    plan = clusters.plan("dev", {"kubernetes_version": release})
    assert f'sandbox_image = "cecf.local/pause:{pause}"' in files(plan, plan.nodes[0])["/etc/containerd/config.toml"]


@few
@given(CLUSTERS)
def test_no_node_lets_anybody_log_in(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    for node in plan.nodes[:3]:
        said = config(plan, node)
        assert (said["ssh_pwauth"], said["disable_root"]) == (False, True)
        assert not {"users", "ssh_authorized_keys", "password", "chpasswd"} & said.keys()


@few
@given(CLUSTERS)
def test_two_workers_of_a_size_differ_in_what_they_are_told_in_nothing_but_themselves(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    own = {"/etc/cecf/node.json", "/etc/cecf/join.conf", "/etc/cecf/kubeadm-join.yaml"}
    shared: dict[str, set[str]] = {}
    for node in [node for pool in plan.worker_pools for node in pool.nodes][:4]:
        assert (identity(plan, node)["node"], config(plan, node)["hostname"]) == (node.name, node.name)
        others = str({path: text for path, text in files(plan, node).items() if path not in own})
        shared.setdefault(node.flavor.id, set()).add(others)
    assert [texts for texts in shared.values() if len(texts) > 1] == []


@few
@given(CLUSTERS)
def test_the_same_plan_is_told_in_the_same_words(cluster: Cluster) -> None:
    first, second = plan_of(cluster), plan_of(cluster)
    for node, same in list(zip(first.nodes, second.nodes, strict=True))[:: max(1, len(first.nodes) // 3)]:
        assert document(first, node, clusters.FACTS) == document(second, same, clusters.FACTS)


@pytest.mark.parametrize("business", businesses())
def test_one_more_pool_changes_no_word_of_what_a_node_is_told(business: str) -> None:
    before = clusters.plan(business)
    after = clusters.plan(business, {"worker_pools": {"extra": {"count": 3}}})
    assert told(before).items() <= told(after).items()


def test_kubeadm_s_check_of_the_system_counts_unless_cgroups_of_version_1_are_asked_for() -> None:
    plan = clusters.plan("dev", {"tuning": {"values": {"kubelet": {"failCgroupV1": False}}}})
    for node in plan.nodes:
        assert identity(plan, node)["ignored_checks"] == ["SystemVerification"]

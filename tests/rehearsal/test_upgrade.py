"""From one minor of Kubernetes to the next: with a failure in the middle and back, then all the way."""

import hashlib
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cecf import versions
from tests.cluster.booted import Booted, Figure, on_machine
from tests.cluster.booting import booting
from tests.cluster.writer import writing

OLD, NEW = (release.kubernetes for release in versions.LAB_RELEASES)
CLUSTER: dict[str, Any] = {
    "name": "upgrade",
    "network": {"nodes": {"kind": "create", "cidr": "10.79.0.0/24"}},
    "etcd": {"backup": {"store": "volume", "volume": {"size_gib": 1}}},
    "control_plane": {
        "count": 3,
        "flavor": "m1.medium",
        "endpoint": {"access": "floating_ip", "allowed_cidrs": ["198.18.0.0/20"]},
    },
    "worker_pools": {"general": {"count": 1}},
    # The lab's machines may have cgroups of version 1, which Kubernetes 1.35 refuses unless it is told.
    "tuning": {"values": {"kubelet": {"failCgroupV1": False}}},
}
NAMESPACE = "upgrade"
VICTIM = "upgrade-control-plane-2"
OBJECTS = 200
LIMIT = 20
"""Seconds that the API may be away at once while servers are replaced one by one."""


def releases(booted: Booted) -> dict[str, str]:
    """Return the release of each node's kubelet."""
    return {
        node["metadata"]["name"]: node["status"]["nodeInfo"]["kubeletVersion"].removeprefix("v")
        for node in booted.get("nodes")["items"]
    }


def data(booted: Booted) -> str:
    """Return a digest of the objects of the rehearsal."""
    items = booted.get("configmaps", "--namespace", NAMESPACE, "--selector", "kept=yes")["items"]
    assert len(items) == OBJECTS
    said = sorted((item["metadata"]["name"], item["metadata"]["uid"], json.dumps(item["data"])) for item in items)
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def objects() -> list[dict[str, Any]]:
    """Return what has to be there again afterwards."""
    head = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    return [head] + [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": f"kept-{number}", "namespace": NAMESPACE, "labels": {"kept": "yes"}},
            "data": {"number": str(number)},
        }
        for number in range(OBJECTS)
    ]


@contextmanager
def sabotage(booted: Booted) -> Iterator[None]:
    """Take kubeadm away from the second control plane as soon as it is another server."""
    old, stop = booted.server_id(VICTIM), threading.Event()

    def spoil() -> None:
        while not stop.wait(1):
            server = booted.project.servers().get(VICTIM)
            if server and server.id != old:
                try:
                    on_machine(str(server.id), "mv", "/usr/bin/kubeadm", "/usr/bin/kubeadm.gone")
                except (OSError, subprocess.SubprocessError):
                    continue
                return

    thread = threading.Thread(target=spoil)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_an_upgrade_that_fails_is_rolled_back_and_one_that_does_not_goes_through(
    tmp_path: Path, figure: Figure
) -> None:
    with booting(CLUSTER, tmp_path) as booted:
        booted.kubectl("apply", "--filename", "-", stdin="\n---\n".join(json.dumps(each) for each in objects()))
        before = data(booted)

        with sabotage(booted):
            failed = booted.program.command("upgrade", "--to", NEW, "--yes")
        assert failed.returncode == 1, failed.stdout
        assert VICTIM in failed.stderr
        assert "cecf rollback" in failed.stderr
        assert booted.api.ready()  # the rest goes on
        mixed = releases(booted)
        assert mixed["upgrade-control-plane-1"] == NEW
        assert mixed["upgrade-general-1"] == OLD
        figure(f"an upgrade to {NEW} with a failure at {VICTIM} stopped there and said so; the API went on")

        began = time.monotonic()
        back = booted.program.command("rollback", "--yes")
        assert back.returncode == 0, back.stderr
        assert set(releases(booted).values()) == {OLD}
        assert data(booted) == before
        assert booted.healthy_members() == len(booted.plan.etcd.members)
        figure(f"rolled back to {OLD} in {time.monotonic() - began:.0f} s, {OBJECTS} objects equal")

        began = time.monotonic()
        with writing(booted.api, NAMESPACE) as writer:
            done = booted.program.command("upgrade", "--to", NEW, "--yes")
        assert done.returncode == 0, done.stderr
        assert set(releases(booted).values()) == {NEW}
        assert data(booted) == before
        assert writer.missing(booted.get("configmaps", "--namespace", NAMESPACE)) == []
        assert writer.longest_gap < LIMIT
        figure(
            f"upgraded to {NEW} in {time.monotonic() - began:.0f} s: at most {writer.longest_gap:.1f} s without "
            f"service, {len(writer.acknowledged)} writes, none lost"
        )
        assert not booted.program.up().changed

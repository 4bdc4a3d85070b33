"""Every control plane is lost: the cluster is begun anew from a snapshot, with the same keys and the same data."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cecf.automation.backups import remove_servers
from cecf.plan import names
from tests.cluster.booted import Booted, Figure

NAMESPACE = "restore"
OBJECTS = 300
KINDS = ("configmaps", "secrets", "serviceaccounts", "deployments.apps", "clusterroles", "services")


def contents(booted: Booted) -> dict[str, str]:
    """Return a digest of what each object says, by its kind and name."""
    found: dict[str, str] = {}
    for kind in KINDS:
        for item in booted.get(kind, "--all-namespaces")["items"]:
            name = f"{kind}/{item['metadata'].get('namespace', '')}/{item['metadata']['name']}"
            said = {key: item.get(key) for key in ("data", "spec", "rules", "type")} | {"uid": item["metadata"]["uid"]}
            found[name] = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return found


def objects() -> list[dict[str, Any]]:
    """Return objects to be found again."""
    head: dict[str, Any] = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    return [head] + [
        {
            "apiVersion": "v1",
            "kind": "Secret" if number % 2 else "ConfigMap",
            "metadata": {"name": f"object-{number}", "namespace": NAMESPACE},
            **({"stringData": {"number": str(number)}} if number % 2 else {"data": {"number": str(number)}}),
        }
        for number in range(OBJECTS)
    ]


@contextmanager
def first_answer(booted: Booted) -> Iterator[list[float]]:
    """Note when the API is ready for the first time."""
    noted: list[float] = []
    stop = threading.Event()

    def look() -> None:
        while not noted and not stop.wait(1):
            if booted.api.ready():
                noted.append(time.monotonic())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield noted
    finally:
        stop.set()
        thread.join()


def test_all_control_planes_are_lost_and_the_data_is_restored(booted: Booted, figure: Figure) -> None:
    with booted.applied(*objects()):
        before = contents(booted)
        taken = booted.program.command("etcd", "backup")
        assert taken.returncode == 0, taken.stderr
        later = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "later", "namespace": NAMESPACE}}
        booted.kubectl("create", "--filename", "-", stdin=json.dumps(later))
        identity = booted.get("namespaces", "kube-system")["metadata"]["uid"]

        began = time.monotonic()
        remove_servers(booted.project.connect(), names.owner_tag(booted.program.stack))
        lost = time.monotonic()
        assert not booted.api.ready()
        with first_answer(booted) as noted:
            restored = booted.program.command("etcd", "restore", "--yes")
        assert restored.returncode == 0, restored.stderr

        after = contents(booted)
        assert {name: after.get(name) for name in before} == before
        assert f"configmaps/{NAMESPACE}/later" not in after
    assert booted.get("namespaces", "kube-system")["metadata"]["uid"] == identity
    assert booted.healthy_members() == len(booted.plan.etcd.members)
    assert {node["metadata"]["name"] for node in booted.get("nodes")["items"]} == {n.name for n in booted.plan.nodes}
    figure(
        f"all control planes deleted (in {lost - began:.0f} s) and restored from a snapshot: the API is back after "
        f"{noted[0] - lost:.0f} s, every member and node after {time.monotonic() - lost:.0f} s; "
        f"{len(before)} objects, all equal"
    )
    assert not booted.program.up().changed

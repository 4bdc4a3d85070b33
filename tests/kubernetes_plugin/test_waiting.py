"""The plugin waits until objects are ready, and tells in plain words why they are not."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi import automation

from lab.engine.kubernetes.values import Object
from tests.kubernetes_plugin.control_plane import ControlPlane
from tests.kubernetes_plugin.objects import pods, workload
from tests.kubernetes_plugin.plugin import Plugin, RefusedError, state_of
from tests.kubernetes_plugin.program import Program

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
JOB = "kubernetes:batch/v1:Job"
SHORT = 2.0
LONG = 8.0
"""Seconds: enough for a controller, and for a pretended kubelet on a busy machine."""


@pytest.fixture
def configured(plugin: Plugin, plane: ControlPlane, namespace: str) -> Plugin:
    """Return a plugin whose objects come into the test's namespace."""
    plugin.configure(kubeconfig=plane.credentials, namespace=namespace)
    return plugin


def test_a_failing_deployment_is_told_kept_and_mended(plane: ControlPlane, stack: Program) -> None:
    """The next run changes the object that is there instead of making another one."""

    def declare(options: pulumi.ResourceOptions, fate: str) -> None:
        own = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="8s", update="60s"))
        k8s.apps.v1.Deployment(
            "app",
            metadata={"name": "mended"},
            spec=workload(fate, replicas=2),
            opts=pulumi.ResourceOptions.merge(options, own),
        )

    with pytest.raises(automation.CommandError):
        stack.up(lambda options: declare(options, "image"))
    assert "Deployment default/mended is not ready in time: 0 of 2 pods available" in stack.said
    assert "and 1 more: container main: ImagePullBackOff: Back-off pulling image" in stack.said
    assert stack.resources()["app"]["initErrors"]
    stack.refresh()
    assert stack.resources()["app"]["initErrors"]
    before = plane.get("deployment", "mended")["metadata"]["uid"]
    assert stack.changes(lambda options: declare(options, "")) == {"update": 1}
    assert plane.get("deployment", "mended")["metadata"]["uid"] == before
    assert "initErrors" not in stack.resources()["app"]
    assert stack.changes() == {}


def test_the_reason_of_a_pod_is_told(configured: Plugin) -> None:
    too_large = {"resources": {"requests": {"cpu": "1000"}}}
    cases: list[tuple[str, Object, str]] = [
        ("image", {}, "container main: ImagePullBackOff: Back-off pulling image"),
        ("crash", {}, "CrashLoopBackOff: back-off 10s restarting failed container; it ended with exit code 7 (Error)"),
        ("crash", {}, "cannot open the data base"),
        ("", too_large, "no node takes it: 0/2 nodes are available: 2 Insufficient cpu"),
    ]

    def told(number: int) -> str:
        fate, container, _ = cases[number]
        labels = {"app": f"app-{number}"}
        template = pods(fate, container=container)
        template["metadata"]["labels"] = labels
        spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
        with pytest.raises(RefusedError) as refused:
            configured.create(DEPLOYMENT, f"app-{number}", {"spec": spec}, LONG)
        assert refused.value.kept.id.partition("/")[2].startswith(f"app-{number}-")
        return "\n".join(refused.value.kept.reasons)

    with ThreadPoolExecutor() as threads:
        for (_, _, reason), text in zip(cases, threads.map(told, range(len(cases))), strict=True):
            assert reason in text


def test_a_refused_pod_is_told(configured: Plugin, plane: ControlPlane, namespace: str) -> None:
    """A quota that lets no pod in keeps even the pods from coming."""
    plane.kubectl("create", "quota", "none", "--hard=pods=0", f"--namespace={namespace}")
    with pytest.raises(RefusedError, match=r"0 of 1 pods updated.*exceeded quota: none"):
        configured.create(DEPLOYMENT, "app", {"spec": workload(replicas=1)}, SHORT)


def test_a_failed_job_is_told_at_once(configured: Plugin) -> None:
    spec = {"backoffLimit": 0, "template": pods("fail", restartPolicy="Never")}
    started = time.monotonic()
    with pytest.raises(RefusedError, match=r"Job .* has failed: BackoffLimitExceeded") as refused:
        configured.create(JOB, "job", {"spec": spec}, 60)
    assert time.monotonic() - started < 50
    assert "container main ended with exit code 3 (Error)" in " ".join(refused.value.kept.reasons)


@pytest.mark.parametrize(
    ("token", "declared"),
    [
        (DEPLOYMENT, {"spec": workload(replicas=2)}),
        ("kubernetes:apps/v1:DaemonSet", {"spec": workload()}),
        ("kubernetes:apps/v1:StatefulSet", {"spec": workload(replicas=2, serviceName="none")}),
        (JOB, {"spec": {"completions": 2, "parallelism": 2, "template": pods(restartPolicy="Never")}}),
        ("kubernetes:core/v1:Pod", pods()),
        ("kubernetes:core/v1:ServiceAccount", {}),
        ("kubernetes:core/v1:ResourceQuota", {"spec": {"hard": {"pods": "9"}}}),
        ("kubernetes:policy/v1:PodDisruptionBudget", {"spec": {"minAvailable": 1}}),
        ("kubernetes:scheduling.k8s.io/v1:PriorityClass", {"value": 7}),
        ("kubernetes:core/v1:Namespace", {}),
    ],
)
def test_each_kind_gets_ready_and_goes(configured: Plugin, token: str, declared: Object) -> None:
    created = configured.create(token, "each", declared, 30)
    assert state_of(created)["__fieldManager"].startswith("pulumi-kubernetes-")
    configured.delete(token, "each", created.id, created.properties)
    assert configured.read(token, "each", created.id, created.properties, created.properties).id == ""


def test_a_claim_that_waits_for_a_pod_is_ready_without_a_volume(configured: Plugin) -> None:
    provisioner = "kubernetes.io/no-provisioner"
    local = {"provisioner": provisioner, "volumeBindingMode": "WaitForFirstConsumer"}
    storage = configured.create("kubernetes:storage.k8s.io/v1:StorageClass", "local", local)
    size = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = {"spec": {**size, "storageClassName": storage.id}}
    assert configured.create("kubernetes:core/v1:PersistentVolumeClaim", "claim", claim, 30).id
    lost = {"spec": {**size, "storageClassName": "none"}}
    with pytest.raises(RefusedError, match="no volume is bound to it"):
        configured.create("kubernetes:core/v1:PersistentVolumeClaim", "lost", lost, SHORT)


@pytest.mark.parametrize(
    ("annotations", "ready"),
    [
        ({"pulumi.com/skipAwait": "true"}, True),
        ({"pulumi.com/waitFor": "jsonpath={.status.replicas}=1"}, True),
        ({"pulumi.com/waitFor": '["condition=Progressing", "jsonpath={.spec.replicas}"]'}, True),
        ({"pulumi.com/waitFor": "condition=Available", "pulumi.com/timeoutSeconds": "2"}, False),
        ({"pulumi.com/timeoutSeconds": "2"}, False),
    ],
)
def test_the_program_says_what_is_waited_for(configured: Plugin, annotations: dict[str, str], *, ready: bool) -> None:
    declared = {"metadata": {"annotations": annotations}, "spec": workload("image", replicas=1)}
    if ready:
        assert configured.create(DEPLOYMENT, "app", declared, 0).id
    else:
        with pytest.raises(RefusedError, match="is not ready in time"):
            configured.create(DEPLOYMENT, "app", declared, 0)


def test_a_service_waits_for_a_pod(configured: Plugin) -> None:
    """Without one it is told, and with one it is ready."""
    declared: dict[str, Any] = {"spec": {"selector": {"app": "test"}, "ports": [{"port": 80}]}}
    with pytest.raises(RefusedError, match="no pod carries the labels that it selects"):
        configured.create("kubernetes:core/v1:Service", "early", declared, SHORT)
    configured.create("kubernetes:core/v1:Pod", "pod", pods(), 30)
    assert configured.create("kubernetes:core/v1:Service", "late", declared, 30).id


def test_a_namespace_that_comes_later_is_waited_for(configured: Plugin, plane: ControlPlane) -> None:
    later = threading.Timer(1.5, plane.kubectl, ("create", "namespace", "comes-later"))
    later.start()
    declared = {"metadata": {"namespace": "comes-later"}, "data": {"a": "b"}}
    assert configured.create("kubernetes:core/v1:ConfigMap", "early", declared, 30).id.startswith("comes-later/early-")
    later.join()


def test_an_object_of_no_kind_that_is_served_is_told(configured: Plugin) -> None:
    expected = r"the cluster does not serve none.test/v1 Nothing: is its CustomResourceDefinition there\?"
    with pytest.raises(RefusedError, match=expected):
        configured.create("kubernetes:none.test/v1:Nothing", "nothing", {"spec": {}}, SHORT)


def test_cancel_ends_a_wait_at_once_and_keeps_the_object(configured: Plugin) -> None:
    refused: list[RefusedError] = []

    def create() -> None:
        try:
            configured.create(DEPLOYMENT, "app", {"spec": workload("image", replicas=1)}, 60)
        except RefusedError as error:
            refused.append(error)

    waiting = threading.Thread(target=create)
    waiting.start()
    time.sleep(1)
    configured.cancel()
    waiting.join(15)
    assert not waiting.is_alive()
    assert refused[0].kept.id

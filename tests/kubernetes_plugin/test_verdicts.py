"""When an object is ready, judged by what the API server says of it."""

from typing import Any

import pytest

from lab.engine.kubernetes import wait_for
from lab.engine.kubernetes.faults import ApiError, ConfigurationError
from lab.engine.kubernetes.kinds import from_api_version
from lab.engine.kubernetes.verdicts import judge, network, pods

READY = ""
SEEN = {"observedGeneration": 2}
UPDATED = {"updatedReplicas": 2, "replicas": 2}


def says(kind: str, status: str = "True", reason: str = "", message: str = "") -> dict[str, str]:
    """Return a condition."""
    return {"type": kind, "status": status, "reason": reason, "message": message}


@pytest.mark.parametrize(
    ("api_version", "kind", "spec", "status", "waiting"),
    [
        ("apps/v1", "Deployment", {"replicas": 2}, {}, "waiting for its controller"),
        (
            "apps/v1",
            "Deployment",
            {"replicas": 2},
            {"observedGeneration": 1, **UPDATED, "availableReplicas": 2},
            "waiting for its controller",
        ),
        ("apps/v1", "Deployment", {"replicas": 2}, {**SEEN, "updatedReplicas": 1}, "1 of 2 pods updated"),
        (
            "apps/v1",
            "Deployment",
            {"replicas": 2},
            {**SEEN, "conditions": [says("ReplicaFailure", "True", "FailedCreate", "no")]},
            "0 of 2 pods updated; FailedCreate: no",
        ),
        (
            "apps/v1",
            "Deployment",
            {"replicas": 2},
            {**SEEN, "updatedReplicas": 2, "replicas": 3},
            "1 pods of the former template still end",
        ),
        (
            "apps/v1",
            "Deployment",
            {"replicas": 2},
            {**SEEN, **UPDATED, "availableReplicas": 1},
            "1 of 2 pods available",
        ),
        ("apps/v1", "Deployment", {"replicas": 2}, {**SEEN, **UPDATED, "availableReplicas": 2}, READY),
        ("apps/v1", "Deployment", {"replicas": 0}, SEEN, READY),
        ("apps/v1", "Deployment", {"replicas": 2, "paused": True}, SEEN, READY),
        (
            "apps/v1",
            "DaemonSet",
            {},
            {**SEEN, "desiredNumberScheduled": 3, "updatedNumberScheduled": 2},
            "2 of 3 pods updated",
        ),
        (
            "apps/v1",
            "DaemonSet",
            {},
            {**SEEN, "desiredNumberScheduled": 1, "updatedNumberScheduled": 1},
            "0 of 1 pods available",
        ),
        ("apps/v1", "DaemonSet", {}, {**SEEN, "desiredNumberScheduled": 0}, READY),
        ("apps/v1", "StatefulSet", {"replicas": 2}, {**SEEN, "readyReplicas": 1}, "1 of 2 pods ready"),
        (
            "apps/v1",
            "StatefulSet",
            {"replicas": 2},
            {**SEEN, "readyReplicas": 2, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"},
            "1 of 2 pods updated",
        ),
        (
            "apps/v1",
            "StatefulSet",
            {"replicas": 2, "updateStrategy": {"rollingUpdate": {"partition": 1}}},
            {**SEEN, "readyReplicas": 2, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"},
            READY,
        ),
        ("batch/v1", "Job", {"completions": 3}, {"succeeded": 1, "failed": 2}, "1 of 3 runs succeeded, 2 failed"),
        ("batch/v1", "Job", {}, {"conditions": [says("Complete")]}, READY),
        ("batch/v1", "Job", {"suspend": True}, {}, READY),
        ("v1", "Pod", {}, {"phase": "Running", "conditions": [says("Ready")]}, READY),
        ("v1", "Pod", {}, {"phase": "Succeeded"}, READY),
        ("v1", "Pod", {}, {"phase": "Pending"}, "it is starting"),
        ("v1", "Namespace", {}, {"phase": "Terminating"}, "the former namespace of its name still ends"),
        ("v1", "PersistentVolume", {}, {"phase": "Available"}, READY),
        ("v1", "PersistentVolumeClaim", {}, {"phase": "Bound"}, READY),
        ("v1", "Service", {"type": "LoadBalancer", "selector": {"a": "b"}}, {}, "its load balancer has no address yet"),
        ("v1", "Service", {"type": "ExternalName"}, {}, READY),
        ("v1", "Service", {"clusterIP": "None", "selector": {"a": "b"}}, {}, READY),
        ("networking.k8s.io/v1", "Ingress", {}, {}, "no ingress controller has given it an address"),
        ("networking.k8s.io/v1", "Ingress", {}, {"loadBalancer": {"ingress": [{"ip": "a"}]}}, READY),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", {}, {}, "the API server takes up the kind"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", {}, {"conditions": [says("Established")]}, READY),
        ("v1", "ConfigMap", {}, {}, READY),
        ("example.test/v1", "Deployment", {}, {}, READY),
    ],
)
def test_what_is_waited_for(api_version: str, kind: str, spec: Any, status: Any, waiting: str) -> None:
    live = {"metadata": {"generation": 2}, "spec": spec, "status": status}
    verdict = judge(from_api_version(api_version, kind), live)
    assert (verdict.waiting, verdict.failed) == (waiting, False)


@pytest.mark.parametrize(
    ("api_version", "kind", "status", "reason"),
    [
        (
            "apps/v1",
            "Deployment",
            {**SEEN, "conditions": [says("Progressing", "False", "ProgressDeadlineExceeded", "it hangs")]},
            "ProgressDeadlineExceeded: it hangs",
        ),
        (
            "batch/v1",
            "Job",
            {"conditions": [says("Failed", "True", "BackoffLimitExceeded", "too often")]},
            "BackoffLimitExceeded: too often",
        ),
        ("v1", "Pod", {"phase": "Failed", "reason": "Evicted", "message": "low on memory"}, "Evicted: low on memory"),
        ("v1", "PersistentVolumeClaim", {"phase": "Lost"}, "its volume is gone"),
        (
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            {"conditions": [says("NamesAccepted", "False", "Conflict", "taken")]},
            "Conflict: taken",
        ),
    ],
)
def test_what_is_waited_for_in_vain_is_known_at_once(api_version: str, kind: str, status: Any, reason: str) -> None:
    verdict = judge(from_api_version(api_version, kind), {"metadata": {"generation": 2}, "status": status})
    assert (verdict.waiting, verdict.failed) == (reason, True)


@pytest.mark.parametrize(
    ("conditions", "waiting"),
    [
        ([], "no pod carries the labels that it selects"),
        ([{"ready": False}], "no pod behind it is ready"),
        ([{"ready": False}, {"ready": True}], READY),
        ([{}], READY),
    ],
)
def test_a_service_has_a_pod_behind_it(conditions: list[Any], waiting: str) -> None:
    slices: list[Any] = [{"endpoints": [{"conditions": each} for each in conditions]}, {"endpoints": None}]
    assert network.endpoints(slices).waiting == waiting


def container(**told: Any) -> dict[str, Any]:
    """Return a pod of one container, of which something is told."""
    return {
        "metadata": {"name": "p"},
        "status": {"phase": "Running", "containerStatuses": [{"name": "c", "ready": False, **told}]},
    }


@pytest.mark.parametrize(
    ("pod", "trouble"),
    [
        (
            {
                "metadata": {"name": "p"},
                "status": {"conditions": [says("PodScheduled", "False", "Unschedulable", "too small")]},
            },
            "no node takes it: too small",
        ),
        (
            container(state={"waiting": {"reason": "ErrImagePull", "message": "not found"}}),
            "container c: ErrImagePull: not found",
        ),
        (container(state={"waiting": {"reason": "ContainerCreating"}}), ""),
        (
            container(state={"terminated": {"exitCode": 1, "reason": "OOMKilled"}}),
            "container c ended with exit code 1 (OOMKilled)",
        ),
        (container(state={"terminated": {"exitCode": 0}}), ""),
        (container(state={"running": {}}, started=True), "container c runs, but its readiness probe does not succeed"),
        (container(state={"running": {}}, started=False), "container c runs, but its startup probe does not succeed"),
        (
            container(state={"running": {}}, lastState={"terminated": {"exitCode": 2}}),
            "container c runs again after it ended with exit code 2 (Error)",
        ),
    ],
)
def test_the_trouble_of_a_pod(pod: Any, trouble: str) -> None:
    assert pods.troubles(pod) == ([trouble] if trouble else [])
    assert pods.summary([pod, pod]) == ([f"pod p and 1 more: {trouble}"] if trouble else [])


LIVE = {
    "metadata": {"annotations": {"a.b/c": "d"}},
    "status": {"phase": "Running", "count": 2, "conditions": [says("Ready"), says("Synced", "False", "Busy")]},
}


@pytest.mark.parametrize(
    ("annotation", "met"),
    [
        ("condition=Ready", True),
        ("condition=Ready=False", False),
        ("condition=Synced=false", True),
        ("condition=Other", False),
        ("jsonpath={.status.phase}=Running", True),
        ("jsonpath='{.status.phase}'=Running", True),
        ("jsonpath={.status.count}=2", True),
        ("jsonpath={.status.count}=3", False),
        ("jsonpath={.status.phase}", True),
        ("jsonpath={.status.none}", False),
        ("jsonpath={.status.conditions[0].type}=Ready", True),
        ('jsonpath={.status.conditions[?(@.type=="Synced")].reason}=Busy', True),
        ("jsonpath={.metadata.annotations['a\\.b/c']}=d", True),
        ('["condition=Ready", "jsonpath={.status.phase}=Running"]', True),
        ('["condition=Ready", "condition=Synced"]', False),
    ],
)
def test_a_wish_of_the_program(annotation: str, *, met: bool) -> None:
    assert wait_for.judge(wait_for.wishes(annotation), LIVE).ready is met


@pytest.mark.parametrize(
    "annotation", ["soon", "[]", "jsonpath={.a..b}", "jsonpath={range .items}", '["condition=Ready", 1]']
)
def test_a_wish_that_is_none_is_told(annotation: str) -> None:
    with pytest.raises(ConfigurationError, match="is not understood: write 'condition=Ready'"):
        wait_for.wishes(annotation)


@pytest.mark.parametrize(
    "message",
    [
        "spec.clusterIPs[0]: Invalid value: [10.0.0.1]: may not change once set",
        "spec.selector: Invalid value: field is immutable",
        "parameters: Forbidden: updates to parameters are forbidden.",
        "roleRef: Invalid value: cannot change roleRef",
        "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`",
    ],
)
def test_the_server_says_in_many_ways_that_a_field_is_fixed(message: str) -> None:
    assert ApiError.from_answer(422, {"message": message}).is_immutable
    assert not ApiError.from_answer(400, {"message": message}).is_immutable


@pytest.mark.parametrize(
    ("code", "body", "transient"),
    [
        (429, {"message": "too many", "details": {"retryAfterSeconds": 3}}, True),
        (503, {}, True),
        (500, {"message": "etcdserver: request timed out"}, True),
        (403, {"message": "unable to create new content in namespace a because it is being terminated"}, True),
        (403, {"message": 'User "a" cannot create resource'}, False),
        (422, {"message": "spec.selector: Invalid value: field is immutable"}, False),
        (404, {}, False),
    ],
)
def test_an_error_that_passes_is_told_from_one_that_stays(code: int, body: Any, *, transient: bool) -> None:
    assert ApiError.from_answer(code, body).transient is transient

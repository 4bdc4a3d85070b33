"""Pods leave a node that goes, as far as their disruption budgets allow, and nobody waits for ever."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cecf.kubernetes.api import ApiRefusedError
from cecf.kubernetes.draining import drain
from cecf.kubernetes.waiting import Wait
from tests.helpers.tls_server import Answer, Request
from tests.unit.kubernetes.conftest import Api, refusal

NAME = "dev-general-1"
NODE = f"/api/v1/nodes/{NAME}"


@dataclass
class Pods:
    """The pods of a node, what becomes of an eviction, and a clock."""

    api: Api
    pods: list[dict[str, Any]] = field(default_factory=list)
    refuse: dict[str, list[int]] = field(default_factory=dict)
    """With what the next evictions of a pod are refused, by its name."""
    evicted: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    now: float = 0.0
    later: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._answer, self.api.answer = self.api.answer, self.answer  # type: ignore[method-assign]
        condition = {"type": "Ready", "status": "True"}
        self.api.objects[NODE] = {"kind": "Node", "status": {"conditions": [condition]}}

    def add(self, name: str, *, owner: str = "ReplicaSet", phase: str = "Running", node: str = NAME) -> None:
        """Have a pod."""
        metadata = {"namespace": "default", "name": name, "ownerReferences": [{"kind": owner}] if owner else []}
        self.pods.append({"metadata": metadata, "spec": {"nodeName": node}, "status": {"phase": phase}})

    def go(self) -> None:
        """Have the pods that were told to go be gone."""
        self.pods = [pod for pod in self.pods if "deletionTimestamp" not in pod["metadata"]]

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.later()

    def drain(self, minutes: float = 5) -> list[str]:
        """Drain the node."""
        wait = Wait(minutes=minutes, tell=self.told.append, clock=lambda: self.now, sleep=self.sleep)
        return drain(self.api.client, NAME, wait)

    def answer(self, request: Request) -> Answer:
        """Do what an API server does."""
        url = urlsplit(request.path)
        if url.path == "/api/v1/pods" and not self.api.instead:
            wanted = parse_qs(url.query)["fieldSelector"] == [f"spec.nodeName={NAME}"]
            found = [pod for pod in self.pods if pod["spec"]["nodeName"] == NAME or not wanted]
            return 200, json.dumps({"items": found}).encode()
        if url.path == NODE and request.method == "PATCH" and not self.api.instead:
            # Of an object that is there, an apply changes what it says, and nothing else.
            self.api.objects[NODE] = {**self.api.objects.get(NODE, {}), **json.loads(request.body)}
            return 200, json.dumps(self.api.objects[NODE]).encode()
        if url.path.endswith("/eviction"):
            return self._evict(url.path.split("/")[-2], json.loads(request.body))
        return self._answer(request)

    def _evict(self, name: str, body: dict[str, Any]) -> Answer:
        self.evicted.append(name)
        assert body["metadata"] == {"name": name, "namespace": "default"}
        assert (body["apiVersion"], body["kind"]) == ("policy/v1", "Eviction")
        if self.refuse.get(name):
            return refusal(self.refuse[name].pop(0), "Cannot evict pod as it would violate its disruption budget.")
        (pod,) = [pod for pod in self.pods if pod["metadata"]["name"] == name]
        pod["metadata"]["deletionTimestamp"] = "2026-11-21T12:00:00Z"
        return 201, b"{}"


@pytest.fixture
def pods(api: Api) -> Pods:
    """Return the pods of a node that is Ready."""
    made = Pods(api)
    made.later = made.go
    return made


def test_pods_that_may_go_are_evicted_once_and_awaited(pods: Pods) -> None:
    for name in ("a", "b"):
        pods.add(name)
    assert pods.drain() == []
    assert pods.evicted == ["a", "b"]
    assert pods.api.objects[NODE]["spec"] == {"unschedulable": True}
    assert pods.told == ["2 pods are to leave dev-general-1: default/a, default/b"]


def test_the_node_takes_no_new_pods_before_the_old_ones_are_asked_to_go(pods: Pods) -> None:
    pods.add("a")
    cordoned: list[bool] = []
    evict = pods._evict

    def note(name: str, body: dict[str, Any]) -> Answer:
        cordoned.append("unschedulable" in pods.api.objects[NODE].get("spec", {}))
        return evict(name, body)

    pods._evict = note  # type: ignore[method-assign]
    pods.drain()
    assert cordoned == [True]


STAYS = [
    pytest.param({"owner": "DaemonSet"}, id="a DaemonSet's would come back"),
    pytest.param({"owner": "Node"}, id="a static one"),
    pytest.param({"phase": "Succeeded"}, id="done"),
    pytest.param({"phase": "Failed"}, id="failed"),
    pytest.param({"node": "dev-general-2"}, id="another node's"),
]


@pytest.mark.parametrize("pod", STAYS)
def test_what_need_not_go_stays_and_keeps_nobody_waiting(pods: Pods, pod: dict[str, str]) -> None:
    pods.add("stays", **pod)
    assert (pods.drain(), pods.evicted, pods.now) == ([], [], 0)


def test_a_pod_of_nobody_goes_too(pods: Pods) -> None:
    pods.add("alone", owner="")
    assert (pods.drain(), pods.evicted) == ([], ["alone"])


def test_a_disruption_budget_is_waited_for(pods: Pods) -> None:
    pods.add("a")
    pods.refuse = {"a": [429, 429]}
    assert pods.drain() == []
    assert pods.evicted == ["a", "a", "a"]


def test_a_disruption_budget_that_never_allows_it_ends_with_the_wait(pods: Pods) -> None:
    pods.add("a")
    pods.refuse = {"a": [429] * 1000}
    assert pods.drain(minutes=1) == ["default/a"]
    assert 60 <= pods.now < 70


def test_a_pod_that_takes_long_to_end_is_asked_once(pods: Pods) -> None:
    pods.add("a")
    pods.later = lambda: pods.go() if pods.now > 30 else None
    assert (pods.drain(), pods.evicted) == ([], ["a"])
    assert len(pods.told) == 1


def test_a_pod_that_is_gone_when_it_is_asked_to_go_is_fine(pods: Pods) -> None:
    pods.add("a")
    pods.refuse = {"a": [404]}
    pods.later = pods.pods.clear
    assert pods.drain() == []


def test_what_is_refused_for_another_reason_is_told(pods: Pods) -> None:
    pods.add("a")
    pods.refuse = {"a": [500]}
    with pytest.raises(ApiRefusedError, match="500"):
        pods.drain()


@pytest.mark.parametrize("status", ["False", "Unknown"])
def test_a_node_that_is_not_ready_is_left_alone(pods: Pods, status: str) -> None:
    pods.api.objects[NODE]["status"]["conditions"][0]["status"] = status
    pods.add("a")
    assert (pods.drain(), pods.evicted, pods.now) == ([], [], 0)
    assert "spec" not in pods.api.objects[NODE]


def test_a_node_that_has_never_joined_has_nothing_to_drain(pods: Pods) -> None:
    pods.api.objects.clear()
    assert pods.drain() == []


def test_an_api_that_is_away_for_a_moment_is_asked_again(pods: Pods) -> None:
    pods.add("a")

    def later() -> None:
        pods.go()
        if pods.now == 2:
            pods.api.instead.append(refusal(503, "the endpoint moves"))

    pods.later = later
    assert pods.drain() == []
    assert pods.evicted == ["a"]
    assert pods.now > 2


def test_a_wait_of_no_minutes_asks_once_and_tells_who_is_left(pods: Pods) -> None:
    # A state from before there was any draining knows no time for it.
    pods.add("a")
    assert (pods.drain(minutes=0), pods.evicted, pods.now) == (["default/a"], ["a"], 0)


def test_only_a_few_of_many_are_named(pods: Pods) -> None:
    for number in range(5):
        pods.add(f"p{number}")
    pods.drain()
    assert pods.told == ["5 pods are to leave dev-general-1: default/p0, default/p1, default/p2 ..."]

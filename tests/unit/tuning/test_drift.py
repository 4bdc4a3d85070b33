"""Declared against running: what is the same in another form, what has drifted, what nobody knows."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.drift import Drift, Same, Seen, Unread, compare, drifts, same, unread
from cecf.tuning.kinds import Anything, Boolean, Duration, Integer, Kind, Number, Quantity, Text, Threshold, Words
from cecf.tuning.model import Component, Profile
from cecf.tuning.tuned import Origin, Tuned
from tests.helpers import clusters

WORKER = "dev-general-1"


def tuned(kind: Kind, value: Any) -> Tuned:
    """Return a declared value."""
    return Tuned(
        id="kubelet.x", component=Component.KUBELET, path=("x",), value=value, origin=Origin.CLUSTER, kind=kind
    )


@pytest.mark.parametrize(
    ("kind", "declared", "running"),
    [
        (Duration("0", "9h"), "1h", "1h0m0s"),
        (Duration("0", "9h"), "1m30s", "90s"),
        (Integer(0, 9), 5, "5"),
        (Integer(0, 9), 5, 5),
        (Number(0, 1), 0.001, "0.001"),
        (Number(0, 1), 1, 1.0),
        (Boolean(), False, "false"),
        (Quantity("0", "9Ti"), "1Gi", "1024Mi"),
        (Quantity("0", "9"), "250m", "0.25"),
        (Threshold("0", "9Ti"), "1Gi", "1024Mi"),
        (Text(), "4096 131072 16777216", "4096\t131072\t16777216\n"),
        (Words(), ["a", "b"], ["b", "a"]),
        (Words(), ["a", "b"], "b,a"),
        (Anything(), [{"a": 1}], [{"A": 1, "B": None}]),
        (Anything(), {"wait": "60s"}, {"Wait": "1m0s"}),
        (Anything(), {"kind": "Args", "a": [], "b": False}, {"a": None}),
        (Anything(), {"inner": [{"name": "b"}]}, {"inner": [{"name": "a"}, {"name": "b", "weight": 1}]}),
    ],
)
def test_the_same_in_another_form_is_no_drift(kind: Kind, declared: Any, running: Any) -> None:
    assert same(tuned(kind, declared), running)


@pytest.mark.parametrize(
    ("kind", "declared", "running"),
    [
        (Duration("0", "9h"), "1h", "1h0m1s"),
        (Duration("0", "9h"), "1h", "never"),
        (Integer(0, 9), 5, "infinity"),
        (Integer(0, 9), 5, 5.5),
        (Integer(0, 9), 5, None),
        (Boolean(), True, None),
        (Boolean(), True, "false"),
        (Threshold("0", "9Ti"), "10%", "100Mi"),
        (Threshold("0", "9Ti"), "10%", 10),
        (Words(), ["a", "b"], ["a"]),
        (Words(), ["a"], [["a"]]),
        (Anything(), [{"a": 1}], [{"a": 2}]),
        (Anything(), [{"a": 1}], [{"a": True}]),
        (Anything(), [{"a": 1}], [{"a": 1}, {"a": 1}]),
        (Anything(), [{"a": 1}], "text"),
        (Anything(), {"a": {"b": 1}}, {"a": 1}),
        (Anything(), {"a": {"b": 1}}, None),
        (Anything(), {"kind": "Args"}, {"Kind": "Others"}),
        (Anything(), {"a": "x"}, {"a": "y"}),
    ],
)
def test_another_value_is_drift(kind: Kind, declared: Any, running: Any) -> None:
    assert not same(tuned(kind, declared), running)


@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        (Duration("0", "9h"), "0s"),
        (Integer(0, 9), 0),
        (Boolean(), False),
        (Words(), []),
        (Quantity("0", "9"), "0"),
        (Anything(), []),
        (Anything(), {}),
    ],
)
def test_what_go_leaves_out_of_a_document_is_empty(kind: Kind, declared: Any) -> None:
    assert same(tuned(kind, declared), None)


def in_go(milliseconds: int) -> str:
    """Return a duration as Go writes it."""
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{Decimal(rest) / 1000}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{hours}h{text}" if hours else text


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_durations_are_the_same_if_they_last_the_same(one: int, other: int) -> None:
    assert same(tuned(Duration("0", "9h"), f"{one}ms"), in_go(one))
    assert same(tuned(Duration("0", "9h"), f"{one}ms"), in_go(other)) is (one == other)


@given(st.lists(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), unique=True), st.randoms())
def test_lists_are_the_same_in_any_order(words: list[str], random: Any) -> None:
    other = random.sample(words, len(words))
    assert same(tuned(Words(), words), other)
    assert not same(tuned(Words(), words), [*other, "one more"])


TREES = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.from_regex("[a-z]{1,4}", fullmatch=True), inner),
    max_leaves=10,
)


def completed(tree: Any) -> Any:
    """Return a structure as the scheduler gives it back: with its defaults, and keys with a capital."""
    if isinstance(tree, dict):
        return {"Beside": None} | {key.capitalize(): completed(value) for key, value in tree.items()}
    return [completed(each) for each in tree] if isinstance(tree, list) else tree


@given(TREES)
def test_a_structure_that_a_component_has_completed_is_the_same(tree: Any) -> None:
    assert same(tuned(Anything(), tree), completed(tree))


@pytest.mark.parametrize("profile", Profile)
def test_every_value_of_every_profile_is_the_same_as_itself(profile: Profile) -> None:
    cluster = {"tuning": {"profile": str(profile)}, "etcd": {"volume": {"size_gib": 20}}}
    tuning = clusters.plan("dev", cluster).tuning
    for part in (tuning.cluster, tuning.control_plane, *tuning.pools.values()):
        assert [name for name, each in part.items() if not same(each, each.value)] == []


def test_each_comparison_has_its_outcome() -> None:
    plan = clusters.plan("dev")
    declared = {
        name: each
        for name, each in plan.declared_on(plan.worker_pools[0].nodes[0]).items()
        if name in ("kubelet.podPidsLimit", "kubelet.eventRecordQPS", "kube-proxy.mode", "sysctl.vm.swappiness")
    }
    outcomes = compare(
        WORKER,
        declared,
        [
            Seen(id="kubelet.eventRecordQPS", source="/configz", value=50),
            Seen(id="kube-proxy.mode", source="/configz", value="nftables"),
            Seen(id="sysctl.vm.swappiness", source="/proc/sys", fault="nobody is there"),
        ],
    )
    assert outcomes == [
        Drift(
            id="kubelet.eventRecordQPS",
            scope="node",
            node=WORKER,
            source="/configz",
            declared=20,
            running=50,
            drift="cosmetic",
        ),
        Same(id="kube-proxy.mode", scope="cluster", node=WORKER, source="/configz", declared="nftables"),
        Unread(
            id="sysctl.vm.swappiness",
            scope="node",
            node=WORKER,
            source="/proc/sys",
            declared=0,
            why="nobody is there",
        ),
        Unread(
            id="kubelet.podPidsLimit",
            scope="node",
            node=WORKER,
            source="nowhere",
            declared=4096,
            why="nothing here reads it",
        ),
    ]
    assert (drifts(outcomes), unread(outcomes)) == (outcomes[:1], outcomes[2:])


def test_a_value_that_is_seen_twice_is_compared_twice() -> None:
    quota = clusters.plan("dev").tuning.cluster["etcd.quota-backend-bytes"]
    seen = [
        Seen(id=quota.id, source="its process' flags", value=str(quota.value)),
        Seen(id=quota.id, source="etcdctl endpoint status", value=quota.value + 1),
    ]
    assert [type(each) for each in compare("dev-control-plane-1", {quota.id: quota}, seen)] == [Same, Drift]


def test_what_nobody_has_given_a_class_is_harmful() -> None:
    assert tuned(Integer(0, 9), 1).drift == "harmful"
    assert {setting.drift for setting in CATALOGUE.values()} == {"harmful", "cosmetic"}

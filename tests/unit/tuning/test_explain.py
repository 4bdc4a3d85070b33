"""What is said of a setting: all of it, under names that stay, and found by whatever a person calls it."""

from dataclasses import replace

import pytest

from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.cluster import MASK
from cecf.tuning.explain import (
    ACCEPTED_BY,
    DRIFTS,
    change_of,
    default_shown,
    explanation,
    find,
    missing,
    shown,
    value_data,
    window,
)
from cecf.tuning.model import Component, Formula
from cecf.tuning.tables import supported

KEYS = {
    "id",
    "component",
    "name",
    "allowed",
    "base",
    "profiles",
    "says",
    "source",
    "defaults",
    "since",
    "until",
    "rests_on",
    "drift",
    "change",
    "accepted_by",
    "note",
}
"""What scripts may rely on."""


def found(term: str) -> list[str]:
    """Return the ids that a name leads to."""
    return [setting.id for setting in find(term).settings]


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_setting_is_explained_in_full(name: str) -> None:
    data = explanation(CATALOGUE[name]).data()
    assert data.keys() == KEYS
    assert data["id"] == name
    assert all(data[key] for key in ("allowed", "source", "drift", "change", "accepted_by"))
    assert all(each["reason"] for each in (data["base"], *data["profiles"].values()))
    assert data["drift"] in DRIFTS


@pytest.mark.parametrize("component", Component)
def test_every_component_has_a_reader_and_a_way_to_change(component: Component) -> None:
    assert ACCEPTED_BY[component]
    assert change_of(component)


@pytest.mark.parametrize(
    ("term", "ids"),
    [
        ("kubelet.maxPods", ["kubelet.maxPods"]),
        ("maxPods", ["kubelet.maxPods"]),
        ("max-pods", ["kubelet.maxPods"]),
        ("MAXPODS", ["kubelet.maxPods"]),
        ("somaxconn", ["sysctl.net.core.somaxconn"]),
        ("udpTimeout", ["kube-proxy.conntrack.udpTimeout"]),
        ("swapBehavior", ["kubelet.memorySwap.swapBehavior"]),
        ("kubeReserved.cpu", ["kubelet.kubeReserved.cpu"]),
        ("profiling", ["kube-apiserver.profiling", "kube-controller-manager.profiling"]),
        ("haproxy", ["haproxy.maxconn"]),
        ("kubelet.syncFrequency", ["kubelet.syncFrequency"]),
        ("max-connection-bytes-per-sec", ["kube-apiserver.max-connection-bytes-per-sec"]),
    ],
)
def test_a_setting_is_found_by_its_id_its_name_and_parts_of_it(term: str, ids: list[str]) -> None:
    assert found(term) == ids
    assert find(term).row is None


def test_an_entry_of_a_field_is_found_by_the_field() -> None:
    assert len(found("evictionHard")) > 3
    assert all(name.startswith("kubelet.evictionHard.") for name in found("evictionHard"))


def test_a_setting_is_found_by_the_sources_name_with_what_they_say() -> None:
    result = find("conntrack-max")
    assert [each.id for each in result.settings] == ["kube-proxy.conntrack.min", "kube-proxy.conntrack.maxPerCore"]
    assert result.row
    assert result.row.says == "kube-proxy conntrack-max 32768"


def test_a_name_of_the_sources_that_is_nothing_here_is_told_with_the_reason() -> None:
    result = find("terminated-pod-gc-period")
    assert result.settings == ()
    assert result.row
    assert "no such setting exists" in result.row.note


def test_only_the_components_that_are_asked_for_are_looked_through() -> None:
    assert [each.id for each in find("profiling", [Component.API_SERVER]).settings] == ["kube-apiserver.profiling"]
    assert find("syncFrequency", [Component.ETCD]).settings == ()


def test_a_field_that_only_the_component_knows_says_that_nothing_sets_it() -> None:
    (setting,) = find("kubelet.syncFrequency").settings
    assert "not in the catalogue" in setting.reason
    assert default_shown(explanation(setting)) == "1m0s"


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("kublet.maxPods", "there is no 'kublet.maxPods'; did you mean kubelet.maxPods or "),
        ("conntrack-mx", "did you mean conntrack-max"),
        ("udp-timeuot", "did you mean udpTimeout"),
        ("zzzz", "`cecf explain` lists"),
        ("clusterDNS", "kubelet.clusterDNS is not for tuning: it follows from"),
        ("kube-apiserver.etcd-cafile", "is not for tuning: keys"),
    ],
)
def test_what_is_not_found_is_told_with_what_may_be_meant(term: str, said: str) -> None:
    assert found(term) == []
    assert said in missing(term)


def test_a_change_of_a_node_s_value_replaces_nodes_and_one_of_the_api_s_control_planes() -> None:
    assert "nodes are replaced" in explanation(CATALOGUE["sysctl.net.core.somaxconn"]).change
    assert "workers stay" in explanation(CATALOGUE["etcd.snapshot-count"]).change
    assert "no node is" in explanation(CATALOGUE["kube-proxy.mode"]).change
    assert "refused in a running cluster" in explanation(CATALOGUE[MASK]).change


def test_a_default_is_told_by_minor_only_where_minors_differ() -> None:
    assert default_shown(explanation(CATALOGUE["kubelet.maxPods"])) == "110"
    snapshots = default_shown(explanation(CATALOGUE["etcd.snapshot-count"]))
    assert "100000 (1.33" in snapshots
    assert "10000 (1.34" in snapshots
    assert default_shown(explanation(CATALOGUE["sysctl.net.core.somaxconn"])) == ""
    assert len(default_shown(explanation(CATALOGUE["kube-scheduler.profiles"]))) < 60


def test_defaults_are_those_of_supported_minors() -> None:
    assert set(explanation(CATALOGUE["kubelet.maxPods"]).defaults) == set(supported())


def test_values_look_as_in_a_stack_file() -> None:
    assert [shown(value) for value in (True, 0, "10s", ["pods"], None)] == ["true", "0", "10s", '["pods"]', ""]
    formula = Formula("twice the cores", lambda machine: 2 * machine.vcpus)
    assert shown(formula) == "twice the cores"
    assert value_data(formula) == {"value": None, "formula": "twice the cores"}
    assert value_data(5) == {"value": 5, "formula": None}


def test_a_version_window_is_told_as_far_as_there_is_one() -> None:
    setting = CATALOGUE["kubelet.maxPods"]
    assert window(setting) == ""
    assert window(replace(setting, since="1.34")) == "from 1.34"
    assert window(replace(setting, since="1.33", until="1.34")) == "from 1.33 until 1.34"

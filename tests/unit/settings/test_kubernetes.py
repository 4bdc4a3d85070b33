"""Settings of what runs in the servers: who reaches the API, how nodes are labelled, which add-ons there are."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from cecf.settings import businesses, load_settings, read_profile
from cecf.settings.worker_pool import LabelKey, LabelValue
from tests.helpers import clusters
from tests.helpers.settings_cases import mended, problem, problems

DNS_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
"""As apimachinery's validation has them."""


def endpoint(business: str = "dev", **values: object) -> dict[str, Any]:
    """Return a stack file's layer with changes to the endpoint."""
    return clusters.layer(business, {"control_plane": {"endpoint": values}})


def pool(**values: object) -> dict[str, Any]:
    """Return dev's layer with changes to its pool."""
    return clusters.layer("dev", {"worker_pools": {"general": values}})


@pytest.mark.parametrize(
    ("written", "image"),
    [
        ({}, "cecf-node-1.34"),
        ({"kubernetes_version": "1.34.2"}, "cecf-node-1.34"),
        ({"kubernetes_version": "1.35.4"}, "cecf-node-1.35"),
        ({"kubernetes_version": "1.35.4", "image": "mine"}, "mine"),
    ],
)
def test_the_image_is_the_one_of_the_release_s_minor_unless_another_is_written(
    written: dict[str, str], image: str
) -> None:
    assert clusters.settings("dev", written).cluster.node_image == image


def test_a_release_that_nothing_is_known_of_is_refused() -> None:
    found = problem(clusters.layer("dev", {"kubernetes_version": "1.99.0"}))
    assert found.path == "cluster.kubernetes_version"
    assert found.what == "Kubernetes 1.99 is not supported"


def test_nobody_reaches_the_api_from_outside_unless_it_is_said() -> None:
    for business in businesses():
        settings = clusters.settings(business).cluster.control_plane.endpoint
        assert (settings.access, settings.allowed_cidrs, settings.external_network) == ("none", (), None)


@pytest.mark.parametrize("access", ["internal", "floating_ip"])
def test_access_that_nobody_is_allowed_is_refused(access: str) -> None:
    found = problem(endpoint(access=access))
    assert found.path == "cluster.control_plane.endpoint.allowed_cidrs"
    assert "nobody outside of the cluster may reach the endpoint" in found.what
    assert access in found.why
    assert found.mend == (
        "pulumi config set --path 'cecf:cluster.control_plane.endpoint.allowed_cidrs[0]' '<the-range-of-this-machine>'"
    )


@pytest.mark.parametrize("access", ["internal", "floating_ip", "none"])
def test_access_that_somebody_is_allowed_is_taken(access: str) -> None:
    settings = clusters.settings(
        "dev", {"control_plane": {"endpoint": {"access": access, "allowed_cidrs": ["192.0.2.0/24"]}}}
    )
    assert settings.cluster.control_plane.endpoint.access == access


def test_another_way_of_access_than_the_three_is_refused() -> None:
    found = problem(endpoint(access="public"))
    assert found.path == "cluster.control_plane.endpoint.access"
    assert "'floating_ip'" in f"{found.what} {found.why}"


def test_a_wrong_access_says_nothing_of_who_is_allowed() -> None:
    assert [p.path for p in problems(endpoint(access="yes"))] == ["cluster.control_plane.endpoint.access"]


def test_a_floating_ip_in_an_existing_network_must_say_where_it_is_from() -> None:
    layer = endpoint("smartcity", access="floating_ip", allowed_cidrs=["192.0.2.0/24"])
    found = problem(layer)
    assert found.path == "cluster.control_plane.endpoint.external_network"
    assert found.what == "is required for a floating IP"
    settings = load_settings(mended(layer, found.mend), read_profile("smartcity")).settings
    assert settings.cluster.control_plane.endpoint.external_network == "<external-network>"


@pytest.mark.parametrize("access", ["internal", "none"])
def test_without_a_floating_ip_an_existing_network_needs_none(access: str) -> None:
    layer = endpoint("smartcity", access=access, allowed_cidrs=["192.0.2.0/24"])
    assert load_settings(layer, read_profile("smartcity"))


FOREIGN = [
    "kubernetes.io/os",
    "node.kubernetes.io/instance-type",
    "node-role.kubernetes.io/worker",
    "k8s.io/x",
    "a.b.k8s.io/x",
    "cecf.local/pool",
]


@pytest.mark.parametrize("key", FOREIGN)
def test_a_label_of_somebody_else_s_domain_is_refused(key: str) -> None:
    found = problem(pool(labels={key: "x"}))
    assert found.path.startswith("cluster.worker_pools.general.labels")
    assert key.partition("/")[0] in found.what
    assert "kubelet" in found.why


@pytest.mark.parametrize(
    "key", ["tier", "example.org/tier", "notkubernetes.io/x", "kubernetes.io.example.org/x", "k8s"]
)
def test_a_label_of_one_s_own_is_taken(key: str) -> None:
    layer = pool(labels={key: "batch"})
    labels = load_settings(layer, read_profile("dev")).settings.cluster.worker_pools["general"].labels
    assert labels == {key: "batch"}


WRONG = ["", "/x", "a//b", "a/b/c", "-x", "x-", ".x", "A.org/x", "a..b/x", "a_b/x", "-a/x", "x\n", "x y", "ü", "x" * 64]


@pytest.mark.parametrize("key", WRONG)
def test_what_is_no_label_is_refused(key: str) -> None:
    assert problem(pool(labels={key: "x"})).path.startswith("cluster.worker_pools.general.labels")


@pytest.mark.parametrize("value", ["-", "x-", "a/b", "a b", "x\n", "x" * 64, "ü"])
def test_what_is_no_label_s_value_is_refused(value: str) -> None:
    assert problem(pool(labels={"tier": value})).path.startswith("cluster.worker_pools.general.labels")


def accepted(kind: Any, text: str) -> bool:
    """Tell whether a type takes a text."""
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return False
    return True


NEARLY = st.text("aZ0.-_/\n", max_size=12) | st.from_regex(r"[a-z0-9.-]{0,70}/?[A-Za-z0-9._-]{0,70}")


@given(NEARLY)
def test_a_label_s_key_is_what_kubernetes_takes_for_one(text: str) -> None:
    prefix, slash, name = text.rpartition("/")
    right = bool(QUALIFIED.fullmatch(name)) and len(name) <= 63 and "/" not in prefix
    # Each part of the prefix has at most 63 characters, as in DNS; Kubernetes is less strict, resolvers are not.
    parts = all(len(part) <= 63 for part in prefix.split("."))
    right = right and (not slash or bool(DNS_1123.fullmatch(prefix) and parts and len(prefix) <= 253))
    assert accepted(LabelKey, text) == right


@given(NEARLY)
def test_a_label_s_value_is_what_kubernetes_takes_for_one(text: str) -> None:
    assert accepted(LabelValue, text) == (text == "" or bool(QUALIFIED.fullmatch(text) and len(text) <= 63))


TAINTS = [
    pytest.param({"key": "a b", "effect": "NoSchedule"}, "taints[0].key", id="a key"),
    pytest.param({"key": "batch", "value": "a b", "effect": "NoSchedule"}, "taints[0].value", id="a value"),
    pytest.param({"key": "batch", "effect": "Never"}, "taints[0].effect", id="an effect"),
    pytest.param({"key": "batch"}, "taints[0].effect", id="no effect"),
    pytest.param({"effect": "NoExecute"}, "taints[0].key", id="no key"),
    pytest.param({"key": "batch", "effect": "NoExecute", "until": "x"}, "taints[0].until", id="something else"),
]


@pytest.mark.parametrize(("taint", "path"), TAINTS)
def test_a_wrong_taint_is_refused_where_it_is_wrong(taint: dict[str, str], path: str) -> None:
    assert problem(pool(taints=[taint])).path == f"cluster.worker_pools.general.{path}"


def test_a_taint_that_is_one_to_kubernetes_is_named_once() -> None:
    taints = [{"key": "batch", "value": value, "effect": "NoSchedule"} for value in ("a", "b")]
    found = problem(pool(taints=taints))
    assert found.path == "cluster.worker_pools.general.taints[1]"
    assert "batch" in found.what


def test_taints_that_differ_in_key_or_effect_stand_beside_each_other() -> None:
    taints = [{"key": k, "effect": e} for k in ("a", "b") for e in ("NoSchedule", "PreferNoSchedule", "NoExecute")]
    settings = load_settings(pool(taints=taints), read_profile("dev")).settings
    assert len(settings.cluster.worker_pools["general"].taints) == 6


def test_more_pods_of_dns_than_nodes_are_refused_and_as_many_are_taken() -> None:
    layer = clusters.layer("dev", {"addons": {"coredns": {"replicas": 6}}})
    found = problem(layer)
    assert (found.path, found.what) == ("cluster.addons.coredns.replicas", "6 replicas on 5 nodes without taints")
    settings = load_settings(mended(layer, found.mend), read_profile("dev")).settings
    assert settings.cluster.addons.coredns.replicas == 5


def test_a_range_of_services_without_room_for_dns_is_refused() -> None:
    found = problem(clusters.layer("dev", {"network": {"service_cidr": "10.96.0.0/29"}}))
    assert found.path == "cluster.network.service_cidr"


@pytest.mark.parametrize("minutes", [0, 121, "5"])
def test_a_wait_without_sense_is_refused(minutes: object) -> None:
    assert problem(clusters.layer("dev", {"boot_timeout_minutes": minutes})).path == "cluster.boot_timeout_minutes"

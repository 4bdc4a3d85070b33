"""A refusal is one line for each problem, all at once, each with a command; it repeats no value."""

import shlex
from typing import Any

import pytest
from pydantic import ValidationError

from cecf.problems import HEADING, InvalidInputError, Problem
from cecf.settings import ClusterSettings, load_settings, read_profile
from tests.helpers import clusters
from tests.helpers.settings_cases import problems

PRIVATE = "correct-horse-battery-staple"

WRONG_EVERYWHERE = clusters.layer(
    "dev",
    {
        "name": "Dev",
        "controlplane": {},
        "control_plane": {"count": "3", "endpoint": {"port": 0}},
        "etcd": {"members": 2},
        "network": {"nodes": {"cidr": "10.10.0.0/28"}},
        "worker_pools": {"Extra": {}, "general": {"count": -1}},
    },
    isolation="maybe",
)


def text(layer: dict[str, Any]) -> str:
    """Return the whole refusal of a layer."""
    with pytest.raises(InvalidInputError) as caught:
        load_settings(layer, read_profile(layer["business"]))
    return str(caught.value)


def test_all_problems_are_reported_at_once() -> None:
    assert {p.path for p in problems(WRONG_EVERYWHERE)} == {
        "isolation",
        "cluster.name",
        "cluster.controlplane",
        "cluster.control_plane.count",
        "cluster.control_plane.endpoint.port",
        "cluster.etcd.members",
        "cluster.network.nodes.cidr",
        "cluster.worker_pools.Extra",
        "cluster.worker_pools.general.count",
    }


def test_a_rule_between_parts_is_reported_beside_a_problem_within_one() -> None:
    layer = clusters.layer("dev", {"etcd": {"members": 5}, "network": {"service_cidr": "10.244.0.0/20"}})
    assert {p.path for p in problems(layer)} == {"cluster.etcd.members", "cluster.network.service_cidr"}


def test_each_problem_is_one_line_below_the_heading() -> None:
    heading, *lines = text(WRONG_EVERYWHERE).splitlines()
    assert heading == f"{HEADING} (9 to mend):"
    assert lines == [str(p) for p in problems(WRONG_EVERYWHERE)]


def test_each_line_names_path_problem_and_a_command_for_a_shell() -> None:
    for found in problems(WRONG_EVERYWHERE):
        line = str(found)
        assert line.startswith(f"cecf:{found.path}: {found.what}")
        words = shlex.split(line.split(" Mend: ")[1])
        assert words[:2] == ["pulumi", "config"]
        assert words[2] in {"set", "rm"}
        assert f"cecf:{found.path}" in words


def test_a_zone_named_twice_is_mended_by_a_command_too() -> None:
    (found,) = problems(clusters.layer("dev", {"zones": ["az1", "az1"]}))
    assert found.mend == "pulumi config rm --path 'cecf:cluster.zones[1]'"


@pytest.mark.parametrize("key", ["a.b", "it's", "a\nb", 'a"b'])
def test_an_odd_key_is_still_one_line_and_one_word_of_a_shell(key: str) -> None:
    (found,) = problems(clusters.layer("dev", {key: 1}))
    assert "\n" not in str(found)
    *_, last = shlex.split(found.mend)
    assert last.startswith('cecf:cluster["')


SECRET_PLACES = [
    pytest.param({"password": PRIVATE}, id="under an unknown key"),
    pytest.param({"password": {"value": PRIVATE}}, id="deep under an unknown key"),
    pytest.param({"control_plane": {"count": PRIVATE}}, id="for a number"),
    pytest.param({"control_plane": {"count": [PRIVATE]}}, id="in a list for a number"),
    pytest.param({"zones": PRIVATE}, id="for a list"),
    pytest.param({"image": {"token": PRIVATE}}, id="in an object for a name"),
    pytest.param({"kubernetes_version": PRIVATE}, id="for a version"),
    pytest.param({"etcd": {"topology": PRIVATE}}, id="for an alternative"),
    pytest.param({"etcd": PRIVATE}, id="for an object"),
    pytest.param(
        {"network": {"pod_cidr": PRIVATE}},
        id="for a range",
    ),
    pytest.param(
        {"network": {"nodes": {"dns_servers": [PRIVATE]}}},
        id="for an address",
    ),
    pytest.param(
        {"network": {"nodes": {"kind": PRIVATE}}},
        id="for a kind",
    ),
]


@pytest.mark.parametrize("cluster", SECRET_PLACES)
def test_a_secret_in_the_wrong_place_is_not_repeated(cluster: dict[str, Any]) -> None:
    assert PRIVATE not in text(clusters.layer("dev", cluster))


def test_a_refusal_does_not_drag_the_values_along_as_its_cause() -> None:
    with pytest.raises(InvalidInputError) as caught:
        load_settings(clusters.layer("dev", {"image": {"token": PRIVATE}}), read_profile("dev"))
    shown = caught.value.__cause__ or (None if caught.value.__suppress_context__ else caught.value.__context__)
    assert shown is None


def test_the_models_themselves_do_not_repeat_a_value_either() -> None:
    with pytest.raises(ValidationError) as caught:
        ClusterSettings.model_validate({"name": "dev", "zones": ["az1"], "etcd": {"members": PRIVATE}})
    assert PRIVATE not in str(caught.value)


def test_a_problem_without_path_reason_or_mend_is_just_what_is_wrong() -> None:
    assert str(Problem(path="", what="it is dark")) == "it is dark"

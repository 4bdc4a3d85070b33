"""A cluster's authorities as a resource: kept as long as they are trusted, and a rotation refused that skips a step."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from cecf.pki.keys import Pki
from cecf_components.cluster_pki import _PkiProvider
from tests.components.test_waiting_resources import KEYS


def inputs(generation: int, *trust: int) -> dict[str, Any]:
    """Return the inputs of a step, as the engine hands them over."""
    return {**KEYS, "authority": {"generation": float(generation), "trust": [float(each) for each in trust]}}


def after(state: Mapping[str, Any], news: dict[str, Any]) -> dict[str, Any]:
    """Return the state after an update, by way of JSON, as it is written."""
    answer = _PkiProvider().diff("dev", dict(state), news)
    assert (answer.changes, answer.replaces or []) == (True, [])
    return dict(json.loads(json.dumps(_PkiProvider().update("dev", dict(state), news).outs)))


@pytest.fixture
def first() -> dict[str, Any]:
    """Return the state of a new cluster."""
    return dict(json.loads(json.dumps(_PkiProvider().create(inputs(1, 1)).outs)))


def signing(state: Mapping[str, Any]) -> str:
    """Return the key that signs."""
    return Pki.from_data(state["pki"]).kubernetes.key


def trusted(state: Mapping[str, Any]) -> list[str]:
    """Return whose certificates are in the bundle, by generation."""
    bundle = Pki.from_data(state["pki"]).kubernetes.certificate
    found = {
        bundle.index(pairs["kubernetes"]["certificate"]): number
        for number, pairs in state["generations"].items()
        if pairs["kubernetes"]["certificate"] in bundle
    }
    return [found[place] for place in sorted(found)]


def test_a_rotation_keeps_each_generation_as_long_as_it_is_trusted(first: dict[str, Any]) -> None:
    both = after(first, inputs(1, 1, 2))
    assert (signing(both), trusted(both)) == (signing(first), ["1", "2"])
    switched = after(both, inputs(2, 1, 2))
    assert signing(switched) == both["generations"]["2"]["kubernetes"]["key"] != signing(first)
    assert (trusted(switched), switched["generations"]) == (["2", "1"], both["generations"])
    alone = after(switched, inputs(2, 2))
    assert (signing(alone), trusted(alone)) == (signing(switched), ["2"])
    # Not even the state has the old keys any more.
    assert signing(first) not in json.dumps(alone)


def test_what_is_no_authority_outlives_all_of_them(first: dict[str, Any]) -> None:
    alone = after(after(after(first, inputs(1, 1, 2)), inputs(2, 1, 2)), inputs(2, 2))
    for name in ("service_account", "token_seed"):
        assert alone["pki"][name] == first["pki"][name]


def test_every_authority_s_end_is_told(first: dict[str, Any]) -> None:
    both = after(first, {**inputs(1, 1, 2), "authority_life_days": 30.0})
    assert both["expires"].keys() == {
        f"{kind}-{number}" for kind in ("kubernetes", "front-proxy-ca", "etcd-ca") for number in (1, 2)
    }
    assert both["expires"]["kubernetes-2"] < both["expires"]["kubernetes-1"] == first["expires"]["kubernetes-1"]


def test_another_life_of_later_generations_changes_nothing(first: dict[str, Any]) -> None:
    assert _PkiProvider().diff("dev", first, {**inputs(1, 1), "authority_life_days": 30.0}).changes is False


@pytest.mark.parametrize(
    ("before", "now", "path", "words"),
    [
        (inputs(1, 1), inputs(2, 1, 2), "generation", "generation 2 is not trusted by the running cluster yet"),
        (inputs(1, 1, 2), inputs(2, 2), "trust", "generation 1 still signs in the running cluster"),
    ],
)
def test_a_rotation_that_skips_a_step_is_refused_in_a_preview(
    before: dict[str, Any], now: dict[str, Any], path: str, words: str
) -> None:
    (failure,) = _PkiProvider().check(before, now).failures
    assert failure.property == f"cecf:cluster.certificates.authority.{path}"
    assert words in failure.reason
    assert "mend: write 'cecf:cluster.certificates.authority' as {" in failure.reason
    assert "\n" not in failure.reason


def test_a_new_cluster_may_begin_with_any_generation() -> None:
    assert _PkiProvider().check({}, inputs(3, 3, 4)).failures == []

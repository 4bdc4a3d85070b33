"""An object in the cluster, in terms of its declaration."""

from typing import Any

import pytest

from lab.engine.kubernetes.projection import project

CONTAINERS = [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y:1"}]


@pytest.mark.parametrize(
    ("declared", "live", "desired", "projected"),
    [
        # What the server or others have added is none of the program's.
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1}),
        (
            {"l": {"mine": "1"}},
            {"l": {"mine": "1", "theirs": "2"}},
            {"l": {"mine": "1", "theirs": "2"}},
            {"l": {"mine": "1"}},
        ),
        # Another spelling of the same is the program's own, as the server says.
        ({"cpu": "1000m"}, {"cpu": "1"}, {"cpu": "1"}, {"cpu": "1000m"}),
        ({"port": "80"}, {"port": 80}, {"port": 80}, {"port": "80"}),
        (
            {"p": [{"port": 80}]},
            {"p": [{"port": 80, "protocol": "TCP"}]},
            {"p": [{"port": 80, "protocol": "TCP"}]},
            {"p": [{"port": 80}]},
        ),
        ({"a": {}, "b": None, "c": []}, {}, {}, {"a": {}, "b": None, "c": []}),
        # Drift.
        ({"replicas": 2}, {"replicas": 1}, {"replicas": 2}, {"replicas": 1}),
        ({"a": 1, "b": 2}, {"a": 1}, {"a": 1, "b": 2}, {"a": 1}),
        ({"cpu": "1000m"}, {"cpu": "2"}, {"cpu": "1"}, {"cpu": "2"}),
        ({"args": ["a", "b"]}, {"args": ["a"]}, {"args": ["a", "b"]}, {"args": ["a"]}),
        ({"args": ["a", "b"]}, {"args": ["a", "c"]}, {"args": ["a", "b"]}, {"args": ["a", "c"]}),
    ],
)
def test_drift_shows_and_nothing_else(declared: Any, live: Any, desired: Any, projected: Any) -> None:
    assert project(declared, live, desired) == projected


def test_a_part_that_another_has_put_in_is_none_of_the_programs() -> None:
    """A mesh's container, say, which applying the declaration leaves where it is."""
    injected = [{"name": "mesh", "image": "z:1"}, *CONTAINERS]
    assert project({"c": CONTAINERS}, {"c": injected}, {"c": injected}) == {"c": CONTAINERS}
    drifted = [{"name": "mesh", "image": "z:1"}, {"name": "a", "image": "x:9"}, CONTAINERS[1]]
    assert project({"c": CONTAINERS}, {"c": drifted}, {"c": injected}) == {"c": [drifted[1], CONTAINERS[1]]}


def test_a_part_that_applying_would_take_out_shows() -> None:
    assert project({"c": CONTAINERS[:1]}, {"c": CONTAINERS}, {"c": CONTAINERS[:1]}) == {"c": CONTAINERS}


@pytest.mark.parametrize(
    ("declared", "live", "same"),
    [
        ({"limits": {"cpu": "1000m"}}, {"limits": {"cpu": "1"}}, True),
        ({"limits": {"memory": "1Gi"}}, {"limits": {"memory": "1073741824"}}, True),
        ({"limits": {"memory": "1G"}}, {"limits": {"memory": "1Gi"}}, False),
        ({"limits": {"cpu": "0.5"}}, {"limits": {"cpu": "500m"}}, True),
        ({"limits": {"cpu": "much"}}, {"limits": {"cpu": "little"}}, False),
        ({"labels": {"a": "1000m"}}, {"labels": {"a": "1"}}, False),
        ({"ports": [{"port": 80}]}, {"ports": [{"port": 80, "protocol": "TCP"}]}, True),
    ],
)
def test_without_the_servers_word_quantities_are_compared(declared: Any, live: Any, *, same: bool) -> None:
    assert (project(declared, live, None) == declared) is same

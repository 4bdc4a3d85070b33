"""A name is an identity: a change of one thing is told to the engine as a change of that thing alone."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import Recording, Registration

POOLS = {"worker_pools": {"general": {"count": 3}, "other": {"count": 1}}}


@pytest.fixture(scope="module")
def before(build: Build) -> Recording:
    """Return a cluster with two pools."""
    return build("dev", POOLS)


def by_urn(recording: Recording) -> dict[str, Registration]:
    """Return what is registered, by identity."""
    return {r.urn: r for r in recording.registrations}


def difference(before: Recording, after: Recording) -> tuple[set[str], set[str], set[str]]:
    """Return the names of what is new, what is gone, and what changed in inputs or options."""
    old, new = by_urn(before), by_urn(after)
    changed = {
        new[urn].name
        for urn in old.keys() & new.keys()
        if (old[urn].inputs, old[urn].options) != (new[urn].inputs, new[urn].options)
    }
    added = {new[urn].name for urn in new.keys() - old.keys()}
    return added, {old[urn].name for urn in old.keys() - new.keys()}, changed


def node(name: str) -> set[str]:
    """Return the names of a node's registrations."""
    return {name, f"{name}-port", f"{name}-server"}


def with_pools(**pools: Mapping[str, Any]) -> dict[str, Any]:
    """Return POOLS with changes to its pools."""
    return {"worker_pools": {**POOLS["worker_pools"], **pools}}


def test_the_same_settings_are_told_in_the_same_words(build: Build, before: Recording) -> None:
    assert difference(before, build("dev", POOLS)) == (set(), set(), set())


def test_one_more_worker_registers_just_that_node(build: Build, before: Recording) -> None:
    after = build("dev", with_pools(general={"count": 4}))
    # The check of the spread is about all servers, so it asks again.
    assert difference(before, after) == (node("dev-general-4"), set(), {"dev-spread"})


def test_a_new_pool_touches_no_other(build: Build, before: Recording) -> None:
    after = build("dev", with_pools(another={"count": 1}))
    added = {"dev-another", "dev-another-spread-1", *node("dev-another-1")}
    assert difference(before, after) == (added, set(), {"dev-spread"})


def test_a_worker_retired_from_the_middle_takes_nobody_along(build: Build, before: Recording) -> None:
    after = build("dev", with_pools(general={"count": 2, "retired": [2]}))
    added, gone, changed = difference(before, after)
    assert (added, gone) == (set(), node("dev-general-2"))
    # The third is now made after the first; its inputs are what they were.
    assert changed == {"dev-general-3-server", "dev-spread"}
    server = "dev-general-3-server"
    assert before.one("Instance", server).inputs == after.one("Instance", server).inputs


def test_a_wider_endpoint_adds_a_rule_and_changes_no_other(build: Build, before: Recording) -> None:
    opened = {**POOLS, "control_plane": {"endpoint": {"allowed_cidrs": ["192.0.2.0/24"]}}}
    after = build("dev", opened)
    added, gone, _ = difference(before, after)
    old, new = by_urn(before), by_urn(after)
    assert (added, gone) == ({"dev-control-plane-endpoint-from-192.0.2.0-24"}, set())
    assert [urn for urn in old if old[urn].inputs != new[urn].inputs] == []


def test_a_preview_of_one_more_rule_shows_no_change_of_a_port(build: Build, before: Recording) -> None:
    opened = {**POOLS, "control_plane": {"endpoint": {"allowed_cidrs": ["192.0.2.0/24"]}}}
    rule = frozenset({"dev-control-plane-endpoint-from-192.0.2.0-24"})
    after = build("dev", opened, preview=True, new=rule)
    shown = [port.name for port in after.of("Port") if port.inputs != before.one("Port", port.name).inputs]
    assert shown == []


def inputs_changed(before: Recording, after: Recording) -> set[str]:
    """Return the names of what was there before and is now told with other inputs."""
    old, new = by_urn(before), by_urn(after)
    return {new[urn].name for urn in old.keys() & new.keys() if old[urn].inputs != new[urn].inputs}


def test_one_more_worker_is_let_in_without_a_word_to_any_other_node(build: Build) -> None:
    fewer, more = ({**clusters.REACHABLE, **with_pools(general={"count": count})} for count in (3, 4))
    before, after = build("dev", fewer), build("dev", more)
    added, gone, changed = difference(before, after)
    assert (added, gone) == ({*node("dev-general-4"), "dev-general-4-ready", "dev-general-3-turn"}, set())
    assert inputs_changed(before, after) == {"dev-spread"}
    # kube-proxy comes after all nodes, and the other add-ons after it; nothing in them is touched.
    assert changed == {"dev-spread", "dev-kube-proxy"}


def test_a_retired_worker_is_forgotten_and_no_other(build: Build) -> None:
    before = build("dev", {**clusters.REACHABLE, **POOLS})
    after = build("dev", {**clusters.REACHABLE, **with_pools(general={"count": 2, "retired": [2]})})
    gone = {*node("dev-general-2"), "dev-general-2-ready", "dev-general-2-turn"}
    assert difference(before, after)[:2] == (set(), gone)
    assert inputs_changed(before, after) == {"dev-spread"}


def test_a_log_s_own_volume_replaces_members_alone_and_leaves_the_data_s_volumes(build: Build) -> None:
    external = {"topology": "external"}
    before, after = (build("dev", {"etcd": etcd}) for etcd in (external, {**external, "wal_volume": {}}))
    members = [f"dev-etcd-{ordinal}" for ordinal in (1, 2, 3)]
    added, gone, _ = difference(before, after)
    assert added == {f"{name}-{part}" for name in members for part in ("wal", "wal-attachment")}
    assert gone == set()
    assert inputs_changed(before, after) == {f"{name}-server" for name in members}


def test_an_etcd_of_events_touches_no_member_of_the_other(build: Build) -> None:
    external = {"topology": "external"}
    before, after = (build("dev", {"etcd": etcd}) for etcd in (external, {**external, "events": {"members": 1}}))
    servers = {f"dev-control-plane-{ordinal}-server" for ordinal in (1, 2, 3)}
    # Their API servers are told of it.
    assert inputs_changed(before, after) == {*servers, "dev-spread"} | _births(before)


def _births(recording: Recording) -> set[str]:
    """Return the keys, which remember what a cluster was born with."""
    return {r.name for r in recording.of("ClusterPki")}


def test_a_label_of_a_pool_replaces_the_pool_s_servers_alone(build: Build, before: Recording) -> None:
    after = build("dev", with_pools(other={"count": 1, "labels": {"example.org/tier": "batch"}}))
    assert difference(before, after) == (set(), set(), {"dev-other-1-server"})
    old, new = (recording.one("Instance", "dev-other-1-server").inputs for recording in (before, after))
    assert {key for key in new if new[key] != old[key]} == {"userData", "metadata"}

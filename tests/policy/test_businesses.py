"""Every business's program keeps every rule as it is; and a value that nobody can know yet breaks none."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecf.settings import businesses
from policy.rules import RULES
from policy.rules.model import Hidden, Level, Resource
from tests.helpers import clusters
from tests.policy.conftest import BALANCED, See

ENCRYPTED = {"etcd-encrypted": {"encrypted_types": ["ssd"]}}
"""What the administrator of a cloud with encrypted disks would tell the pack."""


def violations(found: list[Resource], options: Mapping[str, Any] = ENCRYPTED) -> list[str]:
    """Return what every rule says."""
    return [each.text for rule in RULES for each in rule.violations(found, options.get(rule.name, {}))]


@pytest.mark.parametrize("business", businesses())
@pytest.mark.parametrize("cluster", [clusters.REACHABLE, BALANCED], ids=["virtual-address", "load-balancer"])
def test_a_business_keeps_every_rule(business: str, cluster: Mapping[str, Any], see: See) -> None:
    found = see(business, cluster)
    assert found
    assert violations(found) == []


def test_where_etcd_has_servers_and_an_etcd_of_events_besides_every_rule_is_kept(see: See) -> None:
    etcd = {"topology": "external", "events": {}, "wal_volume": {}, "backup": {"store": "volume"}}
    assert violations(see("dev", {**clusters.REACHABLE, "etcd": etcd})) == []


@pytest.mark.parametrize("business", businesses())
def test_only_the_encryption_of_disks_is_left_to_be_told(business: str, see: See) -> None:
    found = see(business)
    broken = {rule for rule in RULES if list(rule.violations(found, {}))}
    assert {(rule.name, rule.level) for rule in broken} == {("etcd-encrypted", Level.ADVISORY)}


@given(data=st.data())
def test_what_is_not_known_yet_breaks_no_rule(data: st.DataObject, see: See) -> None:
    found = see(data.draw(st.sampled_from(businesses())))
    names = st.sets(st.sampled_from(sorted({name for each in found for name in each.props})))
    kinds = st.sets(st.sampled_from(sorted({each.type for each in found})), min_size=1)
    hidden, types = data.draw(names), data.draw(kinds)
    unknown = [
        replace(each, props={name: Hidden.UNKNOWN if name in hidden else value for name, value in each.props.items()})
        if each.type in types
        else each
        for each in found
    ]
    assert violations(unknown) == []

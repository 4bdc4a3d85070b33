"""Each rule, both ways: what breaks it is told with the resource, the reason and the mend; what keeps it is not."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from policy.rules import RULES, tokens
from policy.rules.model import Resource, Rule
from tests.helpers import clusters
from tests.helpers.policy_view import Change, changed, having
from tests.policy.conftest import BALANCED, See

BY_NAME = {rule.name: rule for rule in RULES}

KEY = "-----BEGIN PRIVATE KEY-----\n..."

_PAIR = {"a": "10.0.0.1", "b": "10.0.0.2"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One change to a business's program that breaks one rule."""

    rule: str
    type: str
    change: Change
    says: str
    named: str = ""
    business: str = "finance"
    cluster: Mapping[str, Any] = field(default_factory=lambda: clusters.REACHABLE)
    options: Mapping[str, Any] = field(default_factory=dict)


def without_reference(name: str) -> Change:
    """Return a change after which an input is made from nothing of the stack's own."""
    return lambda resource: replace(resource, references={**resource.references, name: frozenset()})


def rule_for(**props: Any) -> Case:
    """Return a case of a security group's rule."""
    says = props.pop("says")
    change = having({"remoteGroupId": None, "remoteIpPrefix": None, **props})
    return Case(
        rule="no-world-open-port", type=tokens.SECURITY_GROUP_RULE, change=change, says=says, named="-endpoint-from-198"
    )


def outputs(**props: Any) -> Change:
    """Return a change of the stack's outputs."""
    return having(props)


CASES = (
    rule_for(remoteIpPrefix="0.0.0.0/0", says="tcp 8443 is open to 0.0.0.0/0"),
    rule_for(remoteIpPrefix="128.0.0.0/1", says="open to 128.0.0.0/1"),
    rule_for(remoteIpPrefix="0.0.0.0/0", portRangeMin=22, portRangeMax=22, says="tcp 22 (SSH) is open to 0.0.0.0/0"),
    rule_for(portRangeMin=1, portRangeMax=65535, says="tcp 1-65535 (SSH, the Kubernetes API, etcd, the kubelet) is"),
    rule_for(ethertype="IPv6", portRangeMin=None, portRangeMax=None, says="tcp, all ports, is open to ::/0"),
    rule_for(remoteIpPrefix="2000::/3", says="open to 2000::/3"),
    rule_for(remoteIpPrefix="the-office", says="open to the-office"),
    Case(
        rule="no-world-open-load-balancer",
        type=tokens.LISTENER,
        cluster=BALANCED,
        change=having({"allowedCidrs": None}),
        says="has no allowed ranges, so is open to the world",
    ),
    Case(
        rule="no-world-open-load-balancer",
        type=tokens.LISTENER,
        cluster=BALANCED,
        change=having({"allowedCidrs": ["10.0.0.0/24", "0.0.0.0/0"]}),
        says="is open to 0.0.0.0/0",
    ),
    Case(
        rule="own-network",
        type=tokens.PORT,
        change=without_reference("networkId"),
        says="networkId leads to no network of this stack",
    ),
    Case(
        rule="own-network",
        type=tokens.ROUTER_INTERFACE,
        change=without_reference("subnetId"),
        says="subnetId leads to no subnet of this stack",
    ),
    Case(
        rule="own-network",
        type=tokens.LOAD_BALANCER,
        cluster=BALANCED,
        change=without_reference("vipSubnetId"),
        says="vipSubnetId leads to no subnet of this stack",
    ),
    Case(
        rule="own-network",
        type=tokens.NETWORK,
        change=having({"shared": True}),
        says="every project may use it",
    ),
    Case(
        rule="own-network",
        type=tokens.PORT,
        business="smartcity",
        change=having({}),
        options={"shared": ["other-*"]},
        says="networkId leads to no network of this stack",
    ),
    Case(
        rule="one-project",
        type=tokens.VOLUME,
        change=lambda resource: replace(resource, provider=None),
        says="is made by no provider of this stack",
    ),
    Case(rule="one-project", type=tokens.PROVIDER, change=having({"cloud": None}), says="cloud None"),
    Case(rule="no-plain-secrets", type=tokens.STACK, change=outputs(kubeconfig="x"), says="output kubeconfig is not"),
    Case(
        rule="no-plain-secrets",
        type=tokens.STACK,
        change=outputs(nodes=[{"name": "a", "key": KEY}]),
        says="nodes[0].key holds a key and is not secret",
    ),
    Case(rule="no-plain-secrets", type=tokens.SERVER, change=having({"userData": "I2Ns"}), says="userData holds"),
    Case(
        rule="keys-are-secret",
        type=tokens.CLUSTER_PKI,
        change=lambda resource: replace(resource, secret_outputs=frozenset({"generations"})),
        says="the output pki holds keys and is not secret",
    ),
    Case(
        rule="keys-are-secret",
        type=tokens.CERTIFICATE,
        change=lambda resource: replace(resource, secret_outputs=frozenset()),
        says="the output key holds keys and is not secret",
    ),
    Case(
        rule="spread-groups",
        type=tokens.SERVER,
        change=without_reference("schedulerHints"),
        says="one of 3 servers of control-plane, and in no server group of this stack",
    ),
    Case(
        rule="spread-groups",
        type=tokens.SERVER_GROUP,
        change=having({"policies": "soft-anti-affinity"}),
        says="its server group's policy is 'soft-anti-affinity'",
    ),
    Case(
        rule="spread-groups",
        type=tokens.SERVER_GROUP,
        business="dev",
        named="general",
        change=having({"policies": "affinity"}),
        says="one of 2 servers of general, and its server group's policy is 'affinity'",
    ),
    Case(
        rule="odd-etcd", type=tokens.STACK, change=outputs(etcd={"members": _PAIR}), says="etcd.members has 2 members"
    ),
    Case(rule="odd-etcd", type=tokens.STACK, change=outputs(etcd={"members": {}}), says="etcd.members has 0 members"),
    Case(
        rule="odd-etcd",
        type=tokens.STACK,
        change=outputs(etcd={"members": {"a": ""}, "events_members": _PAIR}),
        says="etcd.events_members has 2 members",
    ),
    Case(rule="etcd-on-ssd", type=tokens.VOLUME, change=having({"volumeType": "hdd"}), says="volume type 'hdd' is not"),
    Case(rule="etcd-on-ssd", type=tokens.VOLUME, change=having({"volumeType": None}), says="the cloud's default"),
    Case(
        rule="etcd-encrypted",
        type=tokens.VOLUME,
        options={"encrypted_types": ["luks"]},
        change=having({}),
        says="volume type 'ssd' is not listed as encrypted (luks)",
    ),
    Case(
        rule="protected-in-production",
        type=tokens.VOLUME,
        change=lambda resource: replace(resource, protect=False),
        says="is not protected",
    ),
    Case(
        rule="protected-in-production",
        type=tokens.CLUSTER_PKI,
        change=lambda resource: replace(resource, protect=False),
        says="is not protected",
    ),
    Case(
        rule="pinned-server-images",
        type=tokens.SERVER,
        change=having({"imageId": None, "imageName": "ubuntu"}),
        says="its image is named 'ubuntu', not pinned by its id",
    ),
    Case(
        rule="pinned-container-images",
        type="kubernetes:apps/v1:Deployment",
        change=having({"spec": {"template": {"spec": {"containers": [{"image": "registry:5000/coredns"}]}}}}),
        says="image registry:5000/coredns has no tag that stays",
    ),
    Case(
        rule="pinned-container-images",
        type="kubernetes:apps/v1:DaemonSet",
        change=having({"spec": {"template": {"spec": {"initContainers": [{"image": "flannel:latest"}]}}}}),
        says="image flannel:latest has no tag that stays",
    ),
    Case(rule="owner-marks", type=tokens.SERVER, change=having({"metadata": None}), says="metadata has no cecf-owner"),
    Case(
        rule="owner-marks",
        type=tokens.VOLUME,
        change=having({"metadata": {"cecf-owner": "cecf-stack:other"}}),
        says="its cecf-owner is not 'cecf-stack:finance'",
    ),
    Case(rule="owner-marks", type=tokens.PORT, change=having({"description": None}), says="its description is not"),
    Case(rule="owner-marks", type=tokens.SERVER_GROUP, change=having({"name": "g"}), says="its name does not begin"),
)


def broken(case: Case, see: See) -> tuple[Rule, list[Resource], list[Resource]]:
    """Return the rule, what keeps it, and what breaks it."""
    found = see(case.business, case.cluster)
    return BY_NAME[case.rule], found, changed(found, case.type, case.change, case.named)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.says}")
def test_what_breaks_a_rule_is_told_in_one_line_with_reason_and_mend(case: Case, see: See) -> None:
    rule, found, worse = broken(case, see)
    before = {each.text for each in rule.violations(found, {})}
    (first, *_) = [each for each in rule.violations(worse, case.options) if case.says in each.text]
    culprit = next(each for each in worse if each.urn == first.urn)
    assert first.text.startswith(f"{culprit.name}: ")
    assert first.text.endswith(f"; {rule.why}. Mend: {rule.mend}")
    assert "\n" not in first.text
    assert KEY not in first.text
    assert first.text not in before


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.says}")
def test_what_breaks_one_rule_breaks_no_other(case: Case, see: See) -> None:
    _, _, worse = broken(case, see)
    others = (rule for rule in RULES if rule.name not in (case.rule, "etcd-encrypted"))
    assert [each.text for rule in others for each in rule.violations(worse, {})] == []


def test_every_rule_is_broken_by_some_case() -> None:
    assert {case.rule for case in CASES} == BY_NAME.keys()
    assert len(BY_NAME) == len(RULES)

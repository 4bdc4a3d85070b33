"""The plugin that the lab builds understands exactly what ``pulumi_openstack`` sends."""

from copy import deepcopy
from typing import Any, TypeAlias

import pytest

Mapping: TypeAlias = dict[str, Any]

FORMER_TOKENS = frozenset(
    {
        "openstack:index/bgpvpnNetworkAssociateV2:BgpvpnNetworkAssociateV2",
        "openstack:index/bgpvpnPortAssociateV2:BgpvpnPortAssociateV2",
        "openstack:index/bgpvpnRouterAssociateV2:BgpvpnRouterAssociateV2",
        "openstack:index/bgpvpnV2:BgpvpnV2",
        "openstack:index/getFwGroupV2:getFwGroupV2",
        "openstack:index/getFwPolicyV2:getFwPolicyV2",
        "openstack:index/getFwRuleV2:getFwRuleV2",
        "openstack:index/lbFlavorprofileV2:LbFlavorprofileV2",
        "openstack:index/lbLoadbalancerV2:LbLoadbalancerV2",
    }
)
"""Deprecated names that the SDK still exports beside the ones that took their place."""


def differences(sdk: Mapping, plugin: Mapping) -> list[str]:
    """List in words where the two disagree on a token, a property's name or its secrecy."""
    found = property_differences("config", sdk["config"], plugin["config"])
    for kind in ("resources", "dataSources"):
        expected = {token: member for token, member in sdk[kind].items() if token not in FORMER_TOKENS}
        found += name_differences(kind, expected, plugin[kind])
        for token in expected.keys() & plugin[kind].keys():
            for side in ("inputs", "outputs"):
                path = f"{token} {side}"
                found += property_differences(path, expected[token][side], plugin[kind][token][side])
    return sorted(found)


def property_differences(path: str, sdk: Mapping, plugin: Mapping) -> list[str]:
    """Compare properties and, where both have them, the properties of nested objects."""
    found = name_differences(path, sdk, plugin)
    for name in sdk.keys() & plugin.keys():
        here = f"{path}.{name}"
        if sdk[name].get("secret") and not plugin[name].get("secret"):
            found.append(f"{here}: the SDK keeps it secret, the plugin does not")
        found += property_differences(here, sdk[name].get("nested", {}), plugin[name].get("nested", {}))
    return found


def name_differences(path: str, sdk: Mapping, plugin: Mapping) -> list[str]:
    """Compare two sets of names."""
    missing = [f"{path}: the plugin lacks {name}" for name in sdk.keys() - plugin.keys()]
    return missing + [f"{path}: the SDK lacks {name}" for name in plugin.keys() - sdk.keys()]


@pytest.mark.engine
def test_plugin_agrees_with_the_sdk(sdk_mapping: Mapping, plugin_mapping: Mapping) -> None:
    """The two agree on every token, property and secret."""
    assert differences(sdk_mapping, plugin_mapping) == []


@pytest.fixture
def twin(sdk_mapping: Mapping) -> Mapping:
    """Return a plugin's mapping without a fault, to be spoilt."""
    mapping = deepcopy(sdk_mapping)
    for kind in ("resources", "dataSources"):
        for token in FORMER_TOKENS & mapping[kind].keys():
            del mapping[kind][token]
    return mapping


def test_twins_agree(sdk_mapping: Mapping, twin: Mapping) -> None:
    """The comparison finds nothing where there is nothing."""
    assert differences(sdk_mapping, twin) == []


def test_missing_token_is_found(sdk_mapping: Mapping, twin: Mapping) -> None:
    """A data source that the plugin does not map is told."""
    del twin["dataSources"]["openstack:compute/getFlavor:getFlavor"]
    expected = "dataSources: the plugin lacks openstack:compute/getFlavor:getFlavor"
    assert differences(sdk_mapping, twin) == [expected]


def test_misnamed_property_is_found(sdk_mapping: Mapping, twin: Mapping) -> None:
    """A property of another spelling is told from both sides."""
    inputs = twin["resources"]["openstack:compute/instance:Instance"]["inputs"]
    inputs["keypair"] = inputs.pop("keyPair")
    assert differences(sdk_mapping, twin) == [
        "openstack:compute/instance:Instance inputs: the SDK lacks keypair",
        "openstack:compute/instance:Instance inputs: the plugin lacks keyPair",
    ]


def test_misnamed_nested_property_is_found(sdk_mapping: Mapping, twin: Mapping) -> None:
    """A fault inside an object is told with its path."""
    blocks = twin["resources"]["openstack:compute/instance:Instance"]["inputs"]["blockDevices"]["nested"]
    del blocks["bootIndex"]
    expected = "openstack:compute/instance:Instance inputs.blockDevices: the plugin lacks bootIndex"
    assert differences(sdk_mapping, twin) == [expected]


def test_lost_secrecy_is_found(sdk_mapping: Mapping, twin: Mapping) -> None:
    """A secret that the plugin would write in the clear is told."""
    outputs = twin["resources"]["openstack:compute/keypair:Keypair"]["outputs"]
    del outputs["privateKey"]["secret"]
    expected = "openstack:compute/keypair:Keypair outputs.privateKey: the SDK keeps it secret, the plugin does not"
    assert differences(sdk_mapping, twin) == [expected]

"""The CNI plugin ``flannel``, as a container runtime calls it, with a script in the place of ``bridge``."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from lab.kubernetes import locate

NOTHING: Mapping[str, object] = MappingProxyType({})

SUBNET = "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.3.1/24\nFLANNEL_MTU=1400\nFLANNEL_IPMASQ=true\n"

BRIDGE = """\
#!/bin/sh
cat > "{root}/$CNI_COMMAND"
[ "$CNI_COMMAND" != ADD ] || echo '{{"cniVersion": "1.0.0", "ips": [{{"address": "10.244.3.2/24"}}]}}'
[ ! -e "{root}/broken" ] || exit 1
"""


@dataclass
class Node:
    """A machine with the plugin, a bridge that writes down what it is asked, and what flanneld wrote."""

    root: Path
    plugin: Path
    delegate: dict[str, Any] = field(default_factory=lambda: {"hairpinMode": True, "isDefaultGateway": True})

    @property
    def kept(self) -> list[str]:
        """Containers that the plugin remembers."""
        folder = self.root / "data"
        return sorted(file.name for file in folder.iterdir()) if folder.exists() else []

    def call(self, command: str, container: str = "pod1", more: Mapping[str, object] = NOTHING) -> dict[str, Any]:
        """Call the plugin as a container runtime does, with more in its configuration."""
        configuration = {
            "cniVersion": "1.0.0",
            "name": "cbr0",
            "type": "flannel",
            "delegate": self.delegate,
            "subnetFile": str(self.root / "subnet.env"),
            "dataDir": str(self.root / "data"),
            **more,
        }
        # A network namespace has to be named, and here it is the plugin's own, which no runtime would give it.
        place = {"CNI_NETNS": "/proc/self/ns/net", "CNI_NETNS_OVERRIDE": "true", "CNI_IFNAME": "eth0"}
        variables = {"CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_PATH": str(self.root), **place}
        answer = subprocess.run(
            [self.plugin],
            input=json.dumps(configuration),
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        said: dict[str, Any] = json.loads(answer.stdout or "{}")
        assert ("msg" in said) is (answer.returncode != 0), answer
        return said

    def asked(self, command: str) -> dict[str, Any]:
        """Return what the bridge was asked last."""
        request: dict[str, Any] = json.loads((self.root / command).read_text())
        return request


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """Return a node whose flanneld has a subnet."""
    kubernetes = locate() if shutil.which("go") else None
    if kubernetes is None:
        pytest.skip("the CNI plugin flannel has not been built: run `python -m lab.kubernetes setup`")
    bridge = tmp_path / "bridge"
    bridge.write_text(BRIDGE.format(root=tmp_path))
    bridge.chmod(0o755)
    (tmp_path / "subnet.env").write_text(SUBNET)
    return Node(tmp_path, kubernetes.cni / "flannel")


def test_a_pod_gets_an_address_of_the_nodes_subnet_over_the_bridge(node: Node) -> None:
    assert node.call("ADD")["ips"][0]["address"] == "10.244.3.2/24"
    assert node.asked("ADD") == {
        "cniVersion": "1.0.0",
        "name": "cbr0",
        "type": "bridge",
        "mtu": 1400,
        "ipMasq": False,
        "isGateway": True,
        "isDefaultGateway": True,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "ranges": [[{"subnet": "10.244.3.0/24"}]],
            "routes": [{"dst": "10.244.0.0/16"}],
        },
    }


def test_what_a_person_wrote_comes_before_what_flannel_says(node: Node) -> None:
    node.delegate = {"mtu": 1300, "bridge": "pods"}
    node.call("ADD", more={"runtimeConfig": {"mac": "00:11:22:33:44:55"}})
    asked = node.asked("ADD")
    assert (asked["mtu"], asked["bridge"]) == (1300, "pods")
    assert asked["runtimeConfig"] == {"mac": "00:11:22:33:44:55"}


@pytest.mark.parametrize("ours", [{"ipam": {}}, {"name": "other"}, {"type": 7}])
def test_a_delegate_with_flannels_own_fields_is_refused(node: Node, ours: dict[str, object]) -> None:
    node.delegate = ours
    assert "'delegate'" in node.call("ADD")["msg"]


def test_a_pod_is_removed_as_it_was_added_even_after_the_subnet_has_gone(node: Node) -> None:
    node.call("ADD")
    (node.root / "subnet.env").unlink()
    node.call("DEL")
    assert node.asked("DEL") == node.asked("ADD")
    assert node.kept == []


def test_removing_twice_is_no_error(node: Node) -> None:
    node.call("ADD")
    node.call("DEL")
    assert node.call("DEL") == {}


def test_a_failed_removal_can_be_tried_again(node: Node) -> None:
    node.call("ADD")
    (node.root / "broken").touch()
    assert "msg" in node.call("DEL")
    (node.root / "broken").unlink()
    node.call("DEL")
    assert node.kept == []


def test_the_check_hands_on_what_the_runtime_knows(node: Node) -> None:
    result = node.call("ADD")
    node.call("CHECK", more={"prevResult": result})
    assert node.asked("CHECK") == {**node.asked("ADD"), "prevResult": result}


def test_no_pod_can_be_added_before_flanneld_has_a_subnet(node: Node) -> None:
    (node.root / "subnet.env").unlink()
    assert "flanneld has no subnet for this node yet" in node.call("ADD")["msg"]
    assert node.kept == []
    assert node.call("STATUS", more={"cniVersion": "1.1.0"})["code"] == 50


def test_pods_that_the_runtime_forgot_are_forgotten(node: Node) -> None:
    node.call("ADD", container="pod1")
    node.call("ADD", container="pod2")
    known = [{"containerID": "pod2", "ifname": "eth0"}]
    node.call("GC", more={"cniVersion": "1.1.0", "cni.dev/valid-attachments": known})
    assert node.kept == ["pod2"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("FLANNEL_MTU=many\n", "FLANNEL_MTU is not understood"), ("FLANNEL_MTU=1400\n", "lacks FLANNEL_NETWORK")],
)
def test_a_damaged_subnet_file_is_told(node: Node, text: str, reason: str) -> None:
    (node.root / "subnet.env").write_text(text)
    assert reason in node.call("ADD")["msg"]

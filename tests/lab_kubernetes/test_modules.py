"""The Go modules pin what ``cecf.versions`` names, and a key covers all that decides a program."""

import re
import shutil
from pathlib import Path

import pytest

from cecf import versions
from lab.kubernetes import modules
from lab.kubernetes.modules import BIN, CNI, MODULES, Module
from lab.kubernetes.provision import key

PINS = {
    "kube": {
        "k8s.io/kubernetes": versions.KUBERNETES,
        "k8s.io/apiserver": f"0.{versions.KUBERNETES.partition('.')[2]}",
        "go.etcd.io/etcd/server/v3": versions.ETCD,
        "go.etcd.io/etcd/etcdctl/v3": versions.ETCD,
    },
    "addons": {
        "github.com/containernetworking/plugins": versions.CNI_PLUGINS,
        "github.com/flannel-io/flannel": versions.FLANNEL,
        "sigs.k8s.io/metrics-server": versions.METRICS_SERVER,
        "sigs.k8s.io/kwok": versions.KWOK,
    },
    "coredns": {"github.com/coredns/coredns": versions.COREDNS},
}


def module(folder: str) -> Module:
    """Return a module by its folder."""
    (found,) = (candidate for candidate in MODULES if candidate.folder == folder)
    return found


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the sources, which the modules are read from."""
    copy = tmp_path / "sources"
    shutil.copytree(modules.SOURCES, copy)
    monkeypatch.setattr(modules, "SOURCES", copy)
    return copy


@pytest.mark.parametrize("folder", sorted(PINS))
def test_a_module_pins_the_versions_that_cecf_names(folder: str) -> None:
    text = (module(folder).path / "go.mod").read_text()
    for dependency, version in PINS[folder].items():
        assert re.findall(rf"^\s{re.escape(dependency)} v(\S+)", text, re.MULTILINE) == [version]


def test_every_part_of_kubernetes_is_of_one_release() -> None:
    text = (module("kube").path / "go.mod").read_text()
    replaced = re.findall(r"^\s(k8s\.io/\S+) => (\S+) v(\S+)$", text, re.MULTILINE)
    assert len(replaced) > 25
    assert {version for _, _, version in replaced} == {PINS["kube"]["k8s.io/apiserver"]}
    assert all(name == by for name, by, _ in replaced)


@pytest.mark.parametrize("each", MODULES, ids=lambda each: each.folder)
def test_the_modules_ask_for_one_go(each: Module) -> None:
    text = (each.path / "go.mod").read_text()
    assert max(re.findall(r"^(?:go |toolchain go)(\S+)$", text, re.MULTILINE)) == versions.KUBERNETES_GO_MINIMUM


def test_programs_are_called_as_go_calls_them() -> None:
    names = {name: destination for each in MODULES for name, destination in each.names.items()}
    assert sum(len(each.programs) for each in MODULES) == len(names)
    assert {"kubeadm", "kubelet", "kubectl", "etcd", "etcdctl", "etcdutl", "kwok"} <= names.keys()
    assert names["kube-apiserver"] == BIN
    assert {name for name, destination in names.items() if destination == CNI} == {
        *("bridge", "loopback", "ptp", "host-local", "bandwidth", "firewall", "portmap", "tuning", "flannel")
    }


@pytest.mark.parametrize("source", ["go.mod", "go.sum", "flannel/subnet.go"])
def test_a_changed_source_changes_the_keys_of_its_module_only(copies: Path, source: str) -> None:
    before = {each.folder: each.key("1.2.3") for each in MODULES}
    with (copies / "addons" / source).open("a") as file:
        file.write("// changed\n")
    changed = {each.folder for each in MODULES if each.key("1.2.3") != before[each.folder]}
    assert changed == {"addons"}


def test_another_go_changes_every_key() -> None:
    assert all(each.key("1.2.3") != each.key("1.2.4") for each in MODULES)
    assert key("1.2.3") != key("1.2.4")


def test_another_kind_of_machine_changes_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    each = module("kube")
    before = each.key("1.2.3")
    monkeypatch.setattr(modules, "platform", _ForeignMachine)
    assert each.key("1.2.3") != before


class _ForeignMachine:
    """Stands for the module that tells of the machine."""

    @staticmethod
    def system() -> str:
        return "Linux"

    @staticmethod
    def machine() -> str:
        return "foreign"

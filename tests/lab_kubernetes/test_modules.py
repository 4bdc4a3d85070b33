"""The Go modules pin what ``cecf.versions`` names, and a key covers all that decides a program."""

import re
import shutil
from pathlib import Path

import pytest

from cecf import versions
from cecf.versions import Release
from lab.kubernetes import modules
from lab.kubernetes.modules import BIN, CNI
from lab.kubernetes.provision import key

MODULES = {each.folder: each for release in versions.LAB_RELEASES for each in modules.modules(release)}
PINS = {
    **{
        f"kube/{release.minor}": {
            "k8s.io/kubernetes": release.kubernetes,
            "k8s.io/apiserver": f"0.{release.kubernetes.partition('.')[2]}",
            "go.etcd.io/etcd/server/v3": release.etcd,
            "go.etcd.io/etcd/etcdctl/v3": release.etcd,
        }
        for release in versions.LAB_RELEASES
    },
    "addons": {
        "github.com/containernetworking/plugins": versions.CNI_PLUGINS,
        "github.com/flannel-io/flannel": versions.FLANNEL,
        "sigs.k8s.io/metrics-server": versions.METRICS_SERVER,
        "sigs.k8s.io/kwok": versions.KWOK,
    },
    "coredns": {"github.com/coredns/coredns": versions.COREDNS},
}

each_release = pytest.mark.parametrize("release", versions.LAB_RELEASES, ids=lambda release: release.minor)


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the sources, which the modules are read from."""
    copy = tmp_path / "sources"
    shutil.copytree(modules.SOURCES, copy)
    monkeypatch.setattr(modules, "SOURCES", copy)
    return copy


@pytest.mark.parametrize("folder", sorted(PINS))
def test_a_module_pins_the_versions_that_cecf_names(folder: str) -> None:
    text = (MODULES[folder].path / "go.mod").read_text()
    for dependency, version in PINS[folder].items():
        assert re.findall(rf"^\s{re.escape(dependency)} v(\S+)", text, re.MULTILINE) == [version]


@each_release
def test_every_part_of_kubernetes_is_of_one_release(release: Release) -> None:
    folder = f"kube/{release.minor}"
    text = (MODULES[folder].path / "go.mod").read_text()
    replaced = re.findall(r"^\s(k8s\.io/\S+) => (\S+) v(\S+)$", text, re.MULTILINE)
    assert len(replaced) > 25
    assert {version for _, _, version in replaced} == {PINS[folder]["k8s.io/apiserver"]}
    assert all(name == by for name, by, _ in replaced)


@pytest.mark.parametrize("folder", sorted(MODULES))
def test_the_modules_ask_for_one_go(folder: str) -> None:
    text = (MODULES[folder].path / "go.mod").read_text()
    assert max(re.findall(r"^(?:go |toolchain go)(\S+)$", text, re.MULTILINE)) == versions.KUBERNETES_GO_MINIMUM


def test_a_folder_of_sources_is_a_module_and_every_module_has_one() -> None:
    assert {str(file.parent.relative_to(modules.SOURCES)) for file in modules.SOURCES.rglob("go.mod")} == set(MODULES)


@each_release
def test_programs_are_called_as_go_calls_them(release: Release) -> None:
    made_of = modules.modules(release)
    names = {name: destination for each in made_of for name, destination in each.names.items()}
    assert sum(len(each.programs) for each in made_of) == len(names)
    assert {"kubeadm", "kubelet", "kubectl", "etcd", "etcdctl", "etcdutl", "kwok"} <= names.keys()
    assert names["kube-apiserver"] == BIN
    assert {name for name, destination in names.items() if destination == CNI} == {
        *("bridge", "loopback", "ptp", "host-local", "bandwidth", "firewall", "portmap", "tuning", "flannel")
    }


@pytest.mark.parametrize("source", ["go.mod", "go.sum", "flannel/subnet.go"])
def test_a_changed_source_changes_the_keys_of_its_module_only(copies: Path, source: str) -> None:
    before = {each.folder: each.key("1.2.3") for each in MODULES.values()}
    with (copies / "addons" / source).open("a") as file:
        file.write("// changed\n")
    changed = {each.folder for each in MODULES.values() if each.key("1.2.3") != before[each.folder]}
    assert changed == {"addons"}


def test_another_go_changes_every_key() -> None:
    assert all(each.key("1.2.3") != each.key("1.2.4") for each in MODULES.values())
    assert all(key(release, "1.2.3") != key(release, "1.2.4") for release in versions.LAB_RELEASES)


def test_a_key_tells_its_release() -> None:
    assert [key(release, "1.2.3").split("-")[0] for release in versions.LAB_RELEASES] == ["1.34", "1.35"]


def test_another_kind_of_machine_changes_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    each = MODULES["kube/1.34"]
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

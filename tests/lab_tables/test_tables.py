"""The tables of what the components of Kubernetes know: of the releases that they name, and as the programs have it."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cecf import versions
from lab.engine.errors import EngineMissingError
from lab.tables import __main__ as command_line
from lab.tables import making
from tests.helpers.programs import program, run

MINORS = making.minors()
PINNED = versions.DEFAULT.minor

COMPONENTS = {"kubelet", "kube-proxy", "kube-scheduler", "kube-apiserver", "kube-controller-manager", "etcd"}
KINDS = {"kubelet": "kubelet.config.k8s.io/v1beta1", "kube-proxy": "kubeproxy.config.k8s.io/v1alpha1"}
SCHEDULER = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"

NO_SETTINGS = {"help", "version"}
"""Flags with which a program prints something and ends: the tables leave them out."""

EXAMPLES: dict[str, Any] = {
    "boolean": True,
    "integer": 1,
    "number": 0.5,
    "string": "text",
    "duration": "1m30s",
    "quantity": "64Mi",
    "list<string>": ["text"],
    "list<integer>": [1],
    "list<object>": [{}],
    "map<string>": {"key": "text"},
    "map<boolean>": {"key": True},
    "object": {},
}
"""What a person may write for each type, which kubeadm's strict decoder has to take."""

GO_DURATION = re.compile(r"(\d+(\.\d+)?(ms|h|m|s))+")

each_minor = pytest.mark.parametrize("minor", MINORS)


def table(minor: str) -> dict[str, Any]:
    """Return a committed table."""
    read: dict[str, Any] = json.loads((making.TABLES / f"{minor}.json").read_text())
    return read


def leaves(document: Any, known: dict[str, Any], name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted names with what a document holds there, as deep as a table has names."""
    if isinstance(document, dict) and (not name or any(other.startswith(f"{name}.") for other in known)):
        for key, inner in document.items():
            yield from leaves(inner, known, f"{name}.{key}".lstrip("."))
    else:
        yield name, document


def nested(values: dict[str, Any]) -> dict[str, Any]:
    """Return a document that holds values at dotted names."""
    document: dict[str, Any] = {}
    for name, value in values.items():
        *parents, last = name.split(".")
        place = document
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return document


# ---------------------------------------------------------------- the releases


def test_every_table_has_a_module_and_every_module_a_table() -> None:
    assert {file.stem for file in making.TABLES.glob("*.json")} == set(MINORS) >= {PINNED}


@each_minor
def test_a_table_is_of_the_minor_that_its_file_is_called_after(minor: str) -> None:
    assert table(minor)["kubernetes"].rpartition(".")[0] == minor


@each_minor
def test_a_table_is_of_the_release_that_cecf_names(minor: str) -> None:
    assert table(minor)["kubernetes"] == versions.RELEASES[minor].kubernetes
    assert table(minor)["etcd_version"] == versions.RELEASES[minor].etcd


@each_minor
def test_the_module_of_a_table_names_the_release_that_the_table_names(minor: str) -> None:
    made, (module, sums) = table(minor), [(making.SOURCES / minor / name).read_text() for name in ("go.mod", "go.sum")]
    for dependency, version in (("k8s.io/kubernetes", "kubernetes"), ("go.etcd.io/etcd/server/v3", "etcd_version")):
        assert re.findall(rf"^\s{re.escape(dependency)} v(\S+)$", module, re.MULTILINE) == [made[version]]
        assert f"{dependency} v{made[version]} h1:" in sums
    parts = re.findall(r"^\s(k8s\.io/\S+) => (\S+) v(\S+)$", module, re.MULTILINE)
    assert len(parts) > 25
    assert {version for _, _, version in parts} == {made["kubernetes"].replace("1.", "0.", 1)}
    assert all(name == by for name, by, _ in parts)


@each_minor
def test_a_table_says_of_everything_what_a_person_may_write(minor: str) -> None:
    made = table(minor)
    assert made.keys() == COMPONENTS | {"kubernetes", "etcd_version"}
    for component in COMPONENTS:
        for name, entry in made[component].items():
            assert entry.keys() <= {"type", "default", "deprecated"}, name
            example, default = EXAMPLES[entry["type"]], entry.get("default")
            if entry["type"] == "number":
                assert default is None or type(default) in {int, float}, name
            else:
                assert default is None or type(default) is type(example), name
            assert entry["type"] != "duration" or default is None or GO_DURATION.fullmatch(default), name


# ---------------------------------------------------------------- the programs


@pytest.mark.parametrize("name", ["kube-apiserver", "kube-controller-manager"])
def test_a_program_of_kubernetes_has_the_flags_of_its_table(name: str) -> None:
    known = table(PINNED)[name]
    listed = set(re.findall(r"^ {2,6}(?:-\w, )?--([\w-]+)", run(program(name), "--help").stdout, re.MULTILINE))
    assert listed - NO_SETTINGS <= known.keys()
    assert listed >= NO_SETTINGS
    # Help does not list what is deprecated, and nothing lists it: that the table lacks none of it is not tested.
    unlisted = known.keys() - listed
    told = run(program(name), *(f"--{flag}={known[flag].get('default', '')}" for flag in sorted(unlisted)), "--help")
    assert told.returncode == 0, told.stdout
    assert set(re.findall(r"^Flag --(\S+) has been deprecated", told.stdout, re.MULTILINE)) == unlisted
    assert all(known[flag]["deprecated"] for flag in unlisted)


def test_etcd_has_the_flags_of_its_table() -> None:
    text = run(program("etcd"), "--help").stdout
    listed = set(re.findall(r"^ {2}(?:etcd (?:-h \| )?)?--([\w-]+)", text, re.MULTILINE))
    assert listed - NO_SETTINGS == table(PINNED)["etcd"].keys()
    assert listed >= NO_SETTINGS


@pytest.mark.parametrize("mode", ["iptables", "ipvs", "nftables"])
def test_kube_proxy_writes_the_fields_and_defaults_of_its_table(mode: str, tmp_path: Path) -> None:
    known = table(PINNED)["kube-proxy"]
    given = {"apiVersion": KINDS["kube-proxy"], "kind": "KubeProxyConfiguration", "mode": mode}
    (tmp_path / "given").write_text(yaml.safe_dump(given))
    files = ("--config", str(tmp_path / "given"), "--write-config-to", str(tmp_path / "written"))
    assert run(program("kube-proxy"), *files).returncode == 0
    # It knows one pair of periods, which it reads and writes in the part that its mode is called after.
    idle = {
        f"{other}.{period}" for other in ("iptables", "ipvs", "nftables") for period in ("syncPeriod", "minSyncPeriod")
    }
    check_written(tmp_path / "written", known, but={name for name in idle if not name.startswith(mode)})


def test_kube_scheduler_writes_the_fields_and_defaults_of_its_table(tmp_path: Path) -> None:
    (tmp_path / "given").write_text(SCHEDULER)
    files = ("--config", str(tmp_path / "given"), "--write-config-to", str(tmp_path / "written"))
    assert run(program("kube-scheduler"), *files, "--master", "http://127.0.0.1:1").returncode == 0
    check_written(tmp_path / "written", table(PINNED)["kube-scheduler"], but=set())


def check_written(file: Path, known: dict[str, Any], but: set[str]) -> None:
    """Hold what a program wrote against a table, but for the defaults of some fields."""
    written = dict(leaves(yaml.safe_load(file.read_text()), known))
    del written["apiVersion"], written["kind"]
    assert written.keys() <= known.keys()
    defaults = {name: entry["default"] for name, entry in known.items() if "default" in entry and name not in but}
    compared = defaults.keys() & written.keys()
    assert len(compared) > 15
    for name in compared:
        # Plugins without a weight of their own are written with 0.
        found = json.dumps(written[name], sort_keys=True).replace(', "weight": 0', "")
        assert found == json.dumps(defaults[name], sort_keys=True), name


@pytest.mark.parametrize("component", sorted(KINDS))
def test_kubeadm_takes_every_field_of_a_table_and_no_other(component: str, tmp_path: Path) -> None:
    kind = {"kubelet": "KubeletConfiguration", "kube-proxy": "KubeProxyConfiguration"}[component]
    cluster = {"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "ClusterConfiguration"}
    cluster["kubernetesVersion"] = f"v{versions.KUBERNETES}"  # without one, kubeadm asks the internet
    known = {name: EXAMPLES[entry["type"]] for name, entry in table(PINNED)[component].items()}

    def told(values: dict[str, Any]) -> str:
        document = {"apiVersion": KINDS[component], "kind": kind, **nested(values)}
        (tmp_path / "given").write_text(yaml.safe_dump_all([cluster, document]))
        return run(program("kubeadm"), "config", "validate", "--config", str(tmp_path / "given")).stdout

    assert told(known).splitlines()[-1] == "ok"  # after its advice on the values
    for folder in {name.rpartition(".")[0] for name in known}:
        unknown = f"{folder}.mispelt".lstrip(".")
        assert f'unknown field "{unknown}"' in told({**known, unknown: None})


# ---------------------------------------------------------------- the generator


@each_minor
def test_a_table_is_written_as_the_generator_writes(minor: str) -> None:
    assert making.text(table(minor)) == (making.TABLES / f"{minor}.json").read_text()


def test_without_go_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(EngineMissingError, match=f"install Go {re.escape(versions.KUBERNETES_GO_MINIMUM)}"):
        making.table(PINNED)


def test_a_check_tells_of_a_difference_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "TABLES", tmp_path)
    monkeypatch.setattr(making, "table", lambda *_, **__: {"kubernetes": "1.34.0"})
    assert command_line.main(["--check", PINNED]) == 1
    assert not list(tmp_path.iterdir())
    assert command_line.main([PINNED]) == 0
    assert command_line.main(["--check", PINNED]) == 0

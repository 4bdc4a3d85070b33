"""`cecf explain`: what a setting is, and what a stack has of it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

import cecf.cloud
from cecf.cli.app import app
from cecf.problems import CloudUnavailableError, InvalidInputError, Problem
from cecf.tuning.catalogue import CATALOGUE
from tests.helpers import clusters

EFFECTIVE = {"place", "value", "formula", "layer", "location", "written_in"}


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the cloud have every flavor, and no stack be named by the environment."""
    monkeypatch.delenv("STACK", raising=False)
    monkeypatch.setattr(cecf.cloud, "connect", lambda cloud, _patience: cloud)
    monkeypatch.setattr(cecf.cloud, "look_up_flavors", lambda _connection, _settings: clusters.FLAVORS)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with a stack of dev's that chooses a profile and sets values."""
    (tmp_path / "Pulumi.yaml").write_text("name: test\n")
    tuning = {"profile": "edge", "values": {"kubelet": {"maxPods": 90}}}
    pool = {"tuning": {"values": {"kubelet": {"maxPods": 70}}}}
    write(tmp_path, {"tuning": tuning, "worker_pools": {"general": pool}})
    return tmp_path


def write(project: Path, cluster: dict[str, Any]) -> None:
    """Write the file of the stack `one`."""
    config = {"cecf:business": "dev", "cecf:cloud": "dev", "cecf:cluster": cluster}
    (project / "Pulumi.one.yaml").write_text(yaml.safe_dump({"config": config}))


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["explain", *arguments])


def said(*arguments: str) -> str:
    """Return what the command prints, without the breaks of its tables."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def data(*arguments: str) -> list[dict[str, Any]]:
    """Return what the command tells programs."""
    found: list[dict[str, Any]] = json.loads(run(*arguments, "--json").stdout)
    return found


def test_a_setting_is_told_in_full() -> None:
    text = said("nodeLeaseDurationSeconds")
    for part in ("kubelet.nodeLeaseDurationSeconds", "base 40", "latency 20", "10 to 300 seconds", "its default 40"):
        assert part in text
    for part in ("node leases", "S3", "kubelet --config-dir", "harmful:", "nodes are replaced"):
        assert part in text


def test_the_sources_name_leads_to_the_settings_and_what_is_to_be_known() -> None:
    text = said("conntrack-max")
    assert "The sources say 'kube-proxy conntrack-max 32768': the old flag is gone" in text
    assert "kube-proxy.conntrack.min base 32768" in text
    assert "kube-proxy.conntrack.maxPerCore base 32768" in text


def test_a_name_that_is_nothing_here_is_told_and_is_no_mistake() -> None:
    assert "no such setting exists" in said("terminated-pod-gc-period")


def test_a_mistake_ends_with_2_and_what_may_be_meant() -> None:
    result = run("kublet.maxPods")
    assert result.exit_code == 2
    assert "did you mean" in result.stderr
    assert "kubelet.maxPods" in result.stderr


def test_without_a_name_every_setting_is_listed_by_component() -> None:
    text = said()
    assert all(setting.name in text for setting in CATALOGUE.values())
    assert text.index("kubelet maxPods") < text.index("haproxy maxconn")


def test_more_than_a_few_are_listed() -> None:
    text = said("evictionHard")
    assert "evictionHard.nodefs.inodesFree" in text
    assert "accepted by" not in text


def test_a_component_s_settings_alone() -> None:
    assert {each["component"] for each in data("--component", "etcd")} == {"etcd"}
    assert "maxPods" not in said("--component", "etcd")


def test_a_profile_s_values_with_the_base_s_beside_them() -> None:
    text = said("--profile", "latency", "--changed")
    assert "nodeLeaseDurationSeconds 20 40" in text
    assert "containerLogMaxFiles" not in text
    assert "containerLogMaxFiles" in said("--profile", "latency")


def test_json_is_a_list_of_the_same_keys_for_one_and_for_all() -> None:
    one, every = data("kubelet.maxPods"), data()
    assert len(one) == 1
    assert len(every) == len(CATALOGUE)
    assert {frozenset(each) for each in (*one, *every)} == {frozenset(one[0])}


def test_a_stack_s_value_comes_with_its_layer_and_its_place(project: Path) -> None:
    text = said("kubelet.maxPods", "--stack", "one", "--project", str(project))
    assert "in the stack one, Kubernetes 1.34, profile edge" in text
    assert "control plane 3 x m1.medium 90 stack file (cluster.tuning.values.kubelet.maxPods)" in text
    assert "pool general 2 x m1.medium 70 pool (cluster.worker_pools.general.tuning.values.kubelet.maxPods" in text


def test_a_stack_s_formulas_are_worked_out_from_its_flavors(project: Path) -> None:
    text = said("kubeReserved.memory", "--stack", "one", "--project", str(project))
    assert "control plane 3 x m1.medium 768Mi base" in text


def test_only_what_is_not_the_base_s(project: Path) -> None:
    arguments = ("--stack", "one", "--project", str(project), "--changed")
    text = said(*arguments)
    assert "maxPods" in text
    assert "maxParallelImagePulls 2 every node profile edge (cluster.tuning.profile, stack file)" in text
    assert "containerLogMaxFiles" not in text
    assert {frozenset(one) for each in data(*arguments) for one in each["effective"]} == {frozenset(EFFECTIVE)}


def test_a_committed_stack_is_explained() -> None:
    text = said("--stack", "finance", "--project", str(clusters.ROOT), "--component", "kubelet")
    assert "the stack finance, Kubernetes 1.34" in text
    assert "maxPods" in text


SILENT = [
    CloudUnavailableError("dev", ConnectionError("refused")),
    InvalidInputError([Problem(path="cloud", what="clouds.yaml has no usable entry 'dev'")]),
]


@pytest.mark.parametrize("error", SILENT, ids=["silent", "unknown"])
def test_a_cloud_that_cannot_be_asked_is_no_error(
    error: Exception, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(cecf.cloud, "connect", fail)
    text = said("kubeReserved.memory", "--stack", "one", "--project", str(project))
    assert "part without a control" in text
    assert "formulas are not worked out: " in text


def test_no_cloud_is_asked_where_no_formula_is_in_question(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cecf.cloud, "connect", lambda *_: pytest.fail("asked"))
    assert "stack file" in said("kubelet.maxPods", "--stack", "one", "--project", str(project))
    assert "every node" in said("--changed", "--component", "containerd", "--stack", "one", "--project", str(project))


def test_what_the_flavors_do_not_carry_is_told(project: Path) -> None:
    write(project, {"tuning": {"values": {"kubelet": {"systemReserved": {"memory": "4Gi"}}}}})
    text = said("kubelet.maxPods", "--stack", "one", "--project", str(project))
    assert "`up` would refuse it: cecf:cluster.tuning.values.kubelet.systemReserved.memory" in text


def test_wrong_settings_are_refused_as_everywhere(project: Path) -> None:
    write(project, {"tuning": {"values": {"kubelet": {"maxPods": 5000}}}})
    result = run("kubelet.maxPods", "--stack", "one", "--project", str(project))
    assert isinstance(result.exception, InvalidInputError)
    assert "5000 is not in 1 to 1000 pods" in str(result.exception)


@pytest.mark.parametrize("arguments", [("--changed",), ("--profile", "edge", "--stack", "dev")])
def test_options_that_mean_nothing_together_end_with_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2

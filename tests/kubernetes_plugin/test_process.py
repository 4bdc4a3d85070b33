"""The plugin's process by itself: how it starts and ends, what it refuses, what it never says."""

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from cecf import versions
from lab.engine.kubernetes.values import Secret
from tests.kubernetes_plugin.control_plane import ControlPlane
from tests.kubernetes_plugin.plugin import Plugin, RefusedError, inputs_of, state_of

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
PASSWORD = "not-for-everyone"  # noqa: S105
NOBODY = {
    "clusters": [{"name": "gone", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "me", "user": {"token": PASSWORD}}],
    "contexts": [{"name": "gone", "context": {"cluster": "gone", "user": "me"}}],
    "current-context": "gone",
}
"""A kubeconfig of a cluster that is not there."""


def kubeconfig(change: Callable[[Any], None] = lambda _config: None) -> str:
    """Return the kubeconfig of the cluster that is not there, with a change."""
    config = json.loads(json.dumps(NOBODY))
    change(config)
    return json.dumps(config)


def test_it_tells_its_version_and_answers_from_anywhere(executable: Path, tmp_path: Path) -> None:
    answer = subprocess.run([executable, "--version"], capture_output=True, text=True, check=True, cwd=tmp_path, env={})
    assert answer.stdout.strip() == versions.PULUMI_KUBERNETES


def test_it_starts_with_little_work_stays_small_and_ends_when_told(executable: Path) -> None:
    """Counted in its own time, since the machine may do much else; alone it starts in 0.2 s and takes 45 MB."""
    with Plugin.start(executable) as plugin:
        plugin.configure(kubeconfig=kubeconfig())
        process = psutil.Process(plugin.process.pid)
        worked = process.cpu_times()
        assert worked.user + worked.system < 1
        assert process.memory_info().rss < 80e6
        plugin.process.terminate()
        assert plugin.process.wait(10) == 0


@pytest.mark.timeout(60)
def test_it_goes_with_an_engine_that_was_killed(executable: Path) -> None:
    with subprocess.Popen(["sh", "-c", f"{executable} & wait"], stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout
        assert engine.stdout.readline().strip().isdigit()
        engine.kill()
        # It holds the other end until it is gone.
        assert engine.stdout.read() == ""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"kubeconfig": "/none/kubeconfig"}, "the kubeconfig file /none/kubeconfig cannot be read: No such file"),
        ({"kubeconfig": f"{{{PASSWORD}"}, "neither a kubeconfig nor the path of one"),
        ({"kubeconfig": f"a: b: {PASSWORD}\n- c"}, "neither a kubeconfig nor the path of one"),
        ({"kubeconfig": kubeconfig(), "context": "other"}, "the kubeconfig has no context 'other'"),
        ({"kubeconfig": kubeconfig(), "cluster": "other"}, "no cluster 'other' with a server"),
        ({"kubeconfig": kubeconfig(lambda c: c["users"][0].update(user={"exec": {}, "as": "x"}))}, "has 'as'"),
        ({"kubeconfig": kubeconfig(), "enableServerSideApply": False}, "applies on the server only"),
        (
            {"kubeconfig": kubeconfig(), "renderYamlToDirectory": "x"},
            "does not know the setting 'renderYamlToDirectory'",
        ),
    ],
)
def test_settings_that_lead_nowhere_are_told(plugin: Plugin, arguments: dict[str, Any], reason: str) -> None:
    (told,) = plugin.check_config(**arguments)
    assert reason in told
    assert PASSWORD not in told


def test_a_certificate_that_is_none_is_told(plugin: Plugin) -> None:
    data = base64.b64encode(PASSWORD.encode()).decode()
    broken = kubeconfig(lambda c: c["users"][0].update(user={"client-certificate-data": data}))
    plugin.configure(kubeconfig=broken)
    with pytest.raises(RefusedError, match="are not a certificate and its key"):
        plugin.create(CONFIG_MAP, "a", {}, 2)


@pytest.mark.parametrize(
    ("token", "declared", "reason"),
    [
        ("kubernetes:core/v1:ConfigMapList", {"items": []}, "v1 ConfigMapList is a list"),
        ("kubernetes:core/v1:ConfigMapPatch", {"kind": "ConfigMap"}, "is not in the stand-in"),
        ("kubernetes:helm.sh/v3:Release", {}, "is not in the stand-in"),
        ("kubernetes:yaml/v2:ConfigFile", {}, "is not in the stand-in"),
        (CONFIG_MAP, {"metadata": {"generateName": "a-"}}, "cannot make up names"),
        (CONFIG_MAP, {"metadata": {"name": "a", "annotations": {"pulumi.com/waitFor": "soon"}}}, "is not understood"),
    ],
)
def test_what_is_not_served_is_told(plugin: Plugin, token: str, declared: dict[str, Any], reason: str) -> None:
    plugin.configure(kubeconfig=kubeconfig())
    failures = plugin.check(token, "a", declared).failures
    assert any(reason in each.reason for each in failures)


def test_functions_of_the_package_are_told(plugin: Plugin) -> None:
    with pytest.raises(RefusedError, match="'kubernetes:yaml:decode' is not in the stand-in"):
        plugin.invoke("kubernetes:yaml:decode")


def test_without_a_cluster_a_preview_goes_on_and_the_rest_is_told(plugin: Plugin) -> None:
    plugin.configure(kubeconfig=kubeconfig())
    declared = {"metadata": {"name": "a"}, "data": {"b": "c"}}
    assert state_of(plugin.create(CONFIG_MAP, "a", declared, preview=True))["data"] == {"b": "c"}
    with pytest.raises(
        RefusedError, match=r"ConfigMap default/a: the cluster at https://127.0.0.1:1 cannot be reached"
    ):
        plugin.create(CONFIG_MAP, "a", declared, 2)
    checked = plugin.check(CONFIG_MAP, "a", declared).inputs
    with pytest.raises(RefusedError, match="if it is gone for good, set `deleteUnreachable`"):
        plugin.read(CONFIG_MAP, "a", "default/a", checked, checked)


def test_what_a_lost_cluster_held_leaves_the_state_on_demand(plugin: Plugin) -> None:
    plugin.configure(kubeconfig=kubeconfig(), deleteUnreachable=True)
    checked = plugin.check(CONFIG_MAP, "a", {"metadata": {"name": "a"}}).inputs
    assert plugin.read(CONFIG_MAP, "a", "default/a", checked, checked).id == ""
    plugin.delete(CONFIG_MAP, "a", "default/a", checked)


def test_a_name_is_made_up_and_kept(plugin: Plugin) -> None:
    plugin.configure(kubeconfig=kubeconfig(), namespace="home")
    first = inputs_of(plugin.check(CONFIG_MAP, "settings", {"data": {"a": "b"}}))
    assert first["metadata"]["name"].startswith("settings-")
    assert first["metadata"]["namespace"] == "home"
    assert first["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    assert inputs_of(plugin.check(CONFIG_MAP, "settings", {"data": {"a": "c"}}, first))["metadata"] == first["metadata"]


def test_a_declaration_that_is_secret_as_a_whole_stays_so(plugin: Plugin) -> None:
    plugin.configure(kubeconfig=kubeconfig())
    declared = {"metadata": Secret({"labels": {"a": "b"}}), "data": Secret({"c": "d"})}
    checked = inputs_of(plugin.check(CONFIG_MAP, "a", declared))
    assert isinstance(checked["metadata"], Secret)
    assert checked["metadata"].value["labels"] == {"a": "b"}
    assert checked["metadata"].value["name"].startswith("a-")
    assert checked["data"] == Secret({"c": "d"})


def test_an_answer_that_repeats_a_secret_is_masked(plugin: Plugin, plane: ControlPlane) -> None:
    """The API server quotes the values that it refuses."""
    plugin.configure(kubeconfig=plane.credentials)
    metadata = {"name": "a", "labels": {"password": Secret(PASSWORD + "!")}}
    with pytest.raises(RefusedError, match=r'Invalid value: "\[secret\]"') as refused:
        plugin.create(CONFIG_MAP, "a", {"metadata": metadata}, 5)
    assert PASSWORD not in str(refused.value)


def test_a_field_of_another_manager_is_told_or_taken(plugin: Plugin, plane: ControlPlane, namespace: str) -> None:
    plugin.configure(kubeconfig=plane.credentials, namespace=namespace)
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shared"}, "data": {"a": "theirs"}}
    apply = ("apply", "--server-side", "--field-manager=operator", f"--namespace={namespace}", "-f", "-")
    plane.kubectl(*apply, stdin=json.dumps(theirs))
    plugin.configure(kubeconfig=plane.credentials, namespace=namespace, upsertExistingObjects=True)
    ours: dict[str, Any] = {"metadata": {"name": "shared"}, "data": {"a": "ours"}}
    with pytest.raises(RefusedError, match=r"operator owns \.data\.a of it"):
        plugin.create(CONFIG_MAP, "shared", ours, 5)
    ours["metadata"]["annotations"] = {"pulumi.com/patchForce": "true"}
    assert state_of(plugin.create(CONFIG_MAP, "shared", ours, 5))["data"] == {"a": "ours"}

"""What the recipe says, and when its result counts as another one."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.node_image import inputs

SCRIPTS = sorted([*inputs.RECIPE.glob("*.sh"), *inputs.RECIPE.parent.glob("*.sh")])


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of the recipe that may be changed."""
    copy = shutil.copytree(inputs.RECIPE, tmp_path / "recipe")
    monkeypatch.setattr(inputs, "RECIPE", copy)
    return copy


def unit(name: str) -> configparser.ConfigParser:
    """Read a unit file as far as it is one of plain sections."""
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read(inputs.RECIPE / name)
    return parsed


def test_equal_inputs_have_equal_keys(recipe: Path) -> None:
    before = inputs.system_key(), inputs.image_key("kubernetes")
    (recipe / "packages").write_text((recipe / "packages").read_text())
    assert (inputs.system_key(), inputs.image_key("kubernetes")) == before


def test_another_build_of_kubernetes_makes_another_image() -> None:
    assert inputs.image_key("one") != inputs.image_key("other")


@pytest.mark.parametrize("name", sorted(file.name for file in inputs.RECIPE.iterdir()))
def test_every_file_of_the_recipe_makes_another_image(recipe: Path, name: str) -> None:
    before = inputs.image_key("kubernetes")
    with (recipe / name).open("a") as file:
        file.write("# changed\n")
    assert inputs.image_key("kubernetes") != before


@pytest.mark.parametrize(("name", "anew"), [("packages", True), ("install.sh", True), ("kubelet.service", False)])
def test_the_system_is_made_anew_only_for_what_is_in_it(recipe: Path, name: str, *, anew: bool) -> None:
    before = inputs.system_key()
    with (recipe / name).open("a") as file:
        file.write("# changed\n")
    assert (inputs.system_key() != before) is anew


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_is_one_that_any_shell_reads(script: Path) -> None:
    subprocess.run(["sh", "-n", script], check=True, timeout=10)
    assert "set -eu" in script.read_text()


def test_packages_are_listed_once_and_in_order() -> None:
    packages = (inputs.RECIPE / "packages").read_text().split()
    assert packages == sorted(set(packages))


def test_the_kubelet_is_upstreams_and_takes_its_configuration_from_kubeadm() -> None:
    service = unit("kubelet.service")
    assert service["Service"]["ExecStart"] == "/usr/bin/kubelet"
    assert service["Install"]["WantedBy"] == "multi-user.target"
    drop_in = (inputs.RECIPE / "10-kubeadm.conf").read_text()
    assert "EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env" in drop_in
    assert "--config=/var/lib/kubelet/config.yaml" in drop_in
    assert "\nExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS " in drop_in

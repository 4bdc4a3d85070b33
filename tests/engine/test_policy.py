"""The policy pack, run by the real engine: over each business as it is, changed for the worse, and once it is there."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from cecf.automation.audit import remaining
from cecf.cli.app import REFUSED
from cecf.settings import businesses
from cecf.settings.layers import merge
from policy.rules import RULES
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.program import ROOT, Program
from tests.engine.shapes import of_business, shared_network, small

VIOLATED = re.compile(r"\[(advisory|mandatory)\] +\[severity: (\w+)\] +([\w-]+) ")

REACHED: Mapping[str, Any] = {
    "control_plane": {"endpoint": {"access": "floating_ip", "allowed_cidrs": ["198.18.0.0/20"]}}
}


def pulumi(folder: Path, stack: str, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run the engine's own command."""
    arguments = ["pulumi", *command, "--stack", stack, "--non-interactive", "--color", "never"]
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)


def held_to(program: Program, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run the engine's own command with the pack, as people and CI do."""
    program.open()
    return pulumi(program.folder, program.stack, *command, "--policy-pack", str(ROOT / "policy"))


def violated(done: "subprocess.CompletedProcess[str]") -> set[tuple[str, ...]]:
    """Return level, severity and name of each rule that is broken."""
    return {match.groups() for match in VIOLATED.finditer(done.stdout)}


def as_declared(*names: str) -> set[tuple[str, ...]]:
    """Return what the engine has to show of some rules."""
    return {(rule.level, rule.severity, rule.name) for rule in RULES if rule.name in names}


@pytest.mark.parametrize("business", businesses())
def test_a_business_keeps_every_mandatory_rule(business: str, new_project: NewProject, new_program: NewProgram) -> None:
    project = new_project()
    if business == "smartcity":
        shared_network(project.connect())
    program = new_program(business, project, stack=business)
    external = {"control_plane": {"endpoint": {"external_network": "public"}}} if business == "smartcity" else {}
    program.configure(merge(merge(of_business(business), REACHED), external))

    done = held_to(program, "preview")

    assert done.returncode == 0, done.stdout + done.stderr
    assert violated(done) == as_declared("etcd-encrypted")


def test_settings_that_break_rules_are_refused_with_reason_and_mend(
    new_project: NewProject, new_program: NewProgram
) -> None:
    program = new_program("finance", new_project(), stack="finance")
    worse = {
        "protect": False,
        "etcd": {"volume": {"type": "hdd"}},
        "control_plane": {"endpoint": {"access": "floating_ip", "allowed_cidrs": ["0.0.0.0/0"]}},
    }
    program.configure(merge(of_business("finance"), worse))

    done = held_to(program, "preview")

    assert done.returncode != 0
    names = ("no-world-open-port", "etcd-on-ssd", "protected-in-production", "etcd-encrypted")
    assert violated(done) == as_declared(*names)
    assert (
        "finance-control-plane-endpoint-from-0.0.0.0-0: tcp 8443 is open to 0.0.0.0/0; whoever finds it may try. "
        "Mend: pulumi config set --path 'cecf:cluster.control_plane.endpoint.allowed_cidrs[0]' '<range>'"
    ) in done.stdout
    assert "finance-control-plane-1-etcd: volume type 'hdd' is not listed as SSD (ssd); a slow disk" in done.stdout
    assert "finance-pki: is not protected; a mistaken destroy or rename would delete them for good" in done.stdout


def test_a_file_changes_what_a_rule_takes_and_what_it_does(
    new_project: NewProject, new_program: NewProgram, tmp_path: Path
) -> None:
    program = new_program("dev", new_project())
    program.configure(small())
    options = tmp_path / "policy.json"
    options.write_text(
        json.dumps(
            {
                "etcd-encrypted": {"enforcementLevel": "mandatory", "encrypted_types": ["ssd-luks"]},
                "protected-in-production": {"enforcementLevel": "advisory", "production": ["te*"]},
            }
        )
    )

    done = held_to(program, "preview", "--policy-pack-config", str(options))

    assert done.returncode != 0
    assert violated(done) == {
        ("mandatory", "high", "etcd-encrypted"),
        ("advisory", "high", "protected-in-production"),
    }
    assert "volume type 'ssd' is not listed as encrypted (ssd-luks)" in done.stdout


def test_a_stack_that_is_there_keeps_the_rules_and_one_that_is_protected_is_not_destroyed(
    new_project: NewProject, new_program: NewProgram
) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure({**small(), "protect": True})

    made = held_to(program, "up", "--yes")
    assert made.returncode == 0, made.stdout + made.stderr
    again = held_to(program, "preview", "--expect-no-changes")
    assert again.returncode == 0, again.stdout + again.stderr
    assert violated(made) | violated(again) == as_declared("etcd-encrypted")

    refused = program.command("destroy", "--yes")
    assert refused.returncode == REFUSED
    assert " ".join(refused.stderr.split()) == (
        "cecf refuses to destroy stack 'test': protected are dev-control-plane-1-etcd, dev-pki. "
        "Mend, if you mean it: pulumi state unprotect --all --stack test"
    )
    assert pulumi(program.folder, program.stack, "destroy", "--yes").returncode != 0
    assert project.servers().keys() == {"dev-control-plane-1"}

    assert pulumi(program.folder, program.stack, "state", "unprotect", "--all", "--yes").returncode == 0
    assert program.command("destroy", "--yes").returncode == 0
    assert remaining(program.open()) == []


@pytest.mark.usefixtures("new_program")  # gives the engine a state of its own
@pytest.mark.parametrize("secret", [True, False], ids=["secret", "plain"])
def test_the_engine_tells_the_rules_which_output_is_secret(*, secret: bool, tmp_path: Path) -> None:
    text = 'pulumi.Output.secret("opens everything")' if secret else '"opens everything"'
    (tmp_path / "__main__.py").write_text(f"import pulumi\npulumi.export('kubeconfig', {text})\n")
    runtime = {"name": "python", "options": {"virtualenv": str(ROOT / ".venv")}}
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "outputs", "runtime": runtime}))
    assert pulumi(tmp_path, "test", "stack", "init").returncode == 0

    done = pulumi(tmp_path, "test", "preview", "--policy-pack", str(ROOT / "policy"))

    assert (done.returncode == 0) == secret
    assert violated(done) == (set() if secret else as_declared("no-plain-secrets"))
    assert ("the output kubeconfig is not secret" in done.stdout) != secret

"""A cluster's keys in the engine's state: encrypted, made once, and shown only to who asks for them."""

import base64
import json
import os
import secrets
import subprocess
from pathlib import Path

import pytest
import yaml

from cecf.cli.options import FOUND
from tests.engine.cloud_project import CloudProject
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.program import Program
from tests.engine.shapes import small


def test_keys_are_made_once_kept_encrypted_and_shown_only_to_who_asks(
    new_project: NewProject, new_program: NewProgram
) -> None:
    program = new_program("dev", new_project())
    program.configure(small(workers=1))
    program.up()
    kubeconfig = program.open().secret("kubeconfig")
    user = yaml.safe_load(kubeconfig)["users"][0]["user"]
    key = base64.b64decode(user["client-key-data"]).decode()

    assert "PRIVATE KEY" in key
    for shown in (_said(program, "stack", "export"), _said(program, "stack", "output", "--json")):
        assert [word for word in _traces(key, user["client-key-data"]) if word in shown] == []
    assert "PRIVATE KEY" in _said(program, "stack", "export", "--show-secrets")

    program.configure(small(workers=2))
    program.up()
    assert program.open().secret("kubeconfig") == kubeconfig


def test_nothing_that_a_full_run_says_or_leaves_has_a_secret_in_it(
    new_project: NewProject, new_program: NewProgram, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = new_project()
    program = new_program("dev", project)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", f"passphrase-{secrets.token_hex(8)}")
    program.configure(small(workers=1))
    left = tmp_path / "previews"
    commands = (
        ("preview", "--json"),
        ("ci", "preview", "--comment", "none", "--output", str(left), "--save-plan"),
        ("up", "--yes", "--json"),
        ("up", "--yes"),
        ("outputs", "--json"),
        ("tree",),
        ("graph", "--json"),
        ("doctor", "--json"),
        ("drift", "--json"),
        ("refresh", "--yes", "--json"),
    )
    said = {" ".join(words): _of(program.command(*words)) for words in commands}
    said["pulumi stack export"] = _said(program, "stack", "export")
    known = _secrets(program, project)
    said |= {file.name: file.read_text() for file in left.iterdir()}
    said["destroy"] = _of(program.command("destroy", "--yes", "--json"))
    assert len(said) == len(commands) + 6
    assert {(name, secret) for name, text in said.items() for secret, word in known.items() if word in text} == set()
    for line in said["up --yes --json"].splitlines():
        json.loads(line)


def _of(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode in (0, FOUND), done.stdout + done.stderr
    return done.stdout + done.stderr


def _secrets(program: Program, project: CloudProject) -> dict[str, str]:
    """Return the words that give a secret of this stack away, by what they are."""
    state = json.loads(_said(program, "stack", "export", "--show-secrets"))["deployment"]["resources"]
    (pki,) = [each["outputs"]["pki"] for each in state if each["type"].endswith(":ClusterPki")]
    plain = json.loads(pki["plaintext"])
    pairs = {name: value["key"].splitlines()[1] for name, value in plain.items() if isinstance(value, dict)}
    single = {name: plain[name] for name in ("backup_password", "token_seed")}
    credential = yaml.safe_load(project.clouds_file.read_text())["clouds"][project.name]["auth"]
    assert len(pairs) > 2
    return {
        **pairs,
        **single,
        "encryption key": plain["encryption_keys"][0],
        "any private key": "PRIVATE KEY",
        "any user data": base64.b64encode(b"Content-Type: multipart/mixed").decode()[:36],
        "the passphrase": os.environ["PULUMI_CONFIG_PASSPHRASE"],
        "the cloud's credential": credential["application_credential_secret"],
    }


def _traces(key: str, encoded: str) -> list[str]:
    """Return what gives keys away: the administrator's own, any other, and user data that holds one."""
    user_data = base64.b64encode(b"Content-Type: multipart/mixed").decode()[:36]
    return [key.splitlines()[1], encoded[:60], "PRIVATE KEY", user_data]


def _said(program: Program, *command: str) -> str:
    """Return what `pulumi` says."""
    done = subprocess.run(
        ["pulumi", *command, "--stack", program.stack], cwd=program.folder, capture_output=True, text=True, check=True
    )
    return done.stdout

"""A cluster's keys in the engine's state: encrypted, made once, and shown only to who asks for them."""

import base64
import subprocess

import yaml

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

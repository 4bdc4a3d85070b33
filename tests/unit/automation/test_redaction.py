"""What is shown has no secrets, whoever said it."""

from pathlib import Path

import pytest
from pulumi.automation import EngineEvent

from cecf.automation.events import Run
from cecf.automation.redaction import redact
from cecf.pki.make import make_pki

CLOUDS = """
clouds:
  here:
    auth_type: v3applicationcredential
    auth: {auth_url: http://keystone, application_credential_id: the-id, application_credential_secret: secret-of-here}
  there:
    auth: {auth_url: http://keystone, username: somebody, password: password-of-there}
"""


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give this process secrets of its own."""
    file = tmp_path / "clouds.yaml"
    file.write_text(CLOUDS)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_0123456789")
    monkeypatch.setenv("SHORT_TOKEN", "no")


@pytest.mark.parametrize("secret", ["correct horse", "ghp_0123456789", "secret-of-here", "password-of-there"])
def test_what_this_process_was_given_is_taken_out(secret: str) -> None:
    assert redact(f"refused: '{secret}' of somebody") == "refused: '[secret]' of somebody"


def test_what_has_the_form_of_a_secret_is_taken_out() -> None:
    key = make_pki("dev").kubernetes.key
    assert redact(f"a\n{key}\nb") == "a\n[secret]\n\nb"
    assert redact(f"cut: {key[:200]}") == "cut: [secret]"
    assert redact("token abcdef.0123456789abcdef is bad") == "token [secret] is bad"
    assert redact("Authorization: Bearer abcdefgh12345678") == "Authorization: Bearer [secret]"


@pytest.mark.parametrize(
    "text",
    [
        "no tokens, no Bearer of news; the-id of somebody",
        "kube-apiserver.dev-control-plane-1: 0123456789abcdef",
        "registry.example.org/pause:3.10",
        "urn:pulumi:dev::cecf::openstack:compute/instance:Instance::dev-general-1-server",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_a_message_of_a_run_has_none() -> None:
    run = Run()
    event = {"severity": "error", "message": "401: password-of-there", "color": "never"}
    run.apply(EngineEvent.from_json({"sequence": 1, "timestamp": 1, "diagnosticEvent": event}))
    assert run.errors == ["401: [secret]"]

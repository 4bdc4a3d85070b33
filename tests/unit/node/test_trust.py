"""A kubeconfig that kubeadm has made, and that is to trust every authority of the bundle."""

import base64
from pathlib import Path

import pytest
import yaml

from cecf.node.trust import trust
from tests.helpers import clusters


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    """Return a kubeconfig of an administrator."""
    file = tmp_path / "admin.conf"
    file.write_text(clusters.admin_kubeconfig(clusters.pki(), "dev", "https://10.10.0.5:8443", "10.10.0.5"))
    file.chmod(0o600)
    return file


def test_the_whole_bundle_is_trusted_and_nothing_else_is_another(kubeconfig: Path, tmp_path: Path) -> None:
    before = yaml.safe_load(kubeconfig.read_text())
    (tmp_path / "ca.crt").write_text("new\nold\n")
    trust(kubeconfig, tmp_path / "ca.crt")
    now = yaml.safe_load(kubeconfig.read_text())
    before["clusters"][0]["cluster"]["certificate-authority-data"] = base64.b64encode(b"new\nold\n").decode()
    assert now == before
    assert kubeconfig.stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in tmp_path.iterdir()) == ["admin.conf", "ca.crt"]


def test_what_trusts_nobody_is_refused(tmp_path: Path) -> None:
    (tmp_path / "admin.conf").write_text("kind: Config\n")
    (tmp_path / "ca.crt").write_text("new\n")
    with pytest.raises(ValueError, match="says nowhere whom to trust"):
        trust(tmp_path / "admin.conf", tmp_path / "ca.crt")

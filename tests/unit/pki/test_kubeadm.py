"""kubeadm itself judges: how it takes a bundle of authorities, how long it signs for, and what it renews."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from cecf.node.trust import trust
from cecf.pki.authorities import Trust, with_authorities
from cecf.pki.keys import Pki
from cecf.pki.make import expires, make_authorities
from cecf.render import NodeFacts
from tests.helpers import clusters
from tests.helpers.programs import program, run
from tests.helpers.user_data import documents, files

CHANGE = {"certificates": {"life_days": 30, "renew_before_days": 7}}


@pytest.fixture(scope="module")
def pki() -> Pki:
    """Return the keys of a cluster in the middle of a rotation: the second generation signs, both are trusted."""
    generations = {number: make_authorities("dev", number) for number in (1, 2)}
    return with_authorities(clusters.pki(), generations, Trust(generation=2, trust=(1, 2)))


@pytest.fixture
def node(pki: Pki, tmp_path: Path) -> Path:
    """Return a folder as /etc/kubernetes is on the first control plane, and beside it kubeadm's configuration."""
    plan = clusters.plan("dev", CHANGE)
    found = files(plan, plan.nodes[0], NodeFacts(pki=pki))
    for path, text in found.items():
        if path.startswith("/etc/cecf/pki/"):
            file = tmp_path / "kubernetes/pki" / path.removeprefix("/etc/cecf/pki/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    told = documents(found["/etc/cecf/kubeadm-init.yaml"])
    told["ClusterConfiguration"]["certificatesDir"] = str(tmp_path / "kubernetes/pki")
    (tmp_path / "init.yaml").write_text(yaml.safe_dump_all(told.values()))
    kubeadm(tmp_path, "init", "phase", "certs", "all")
    return tmp_path


def kubeadm(node: Path, *words: str) -> str:
    """Have kubeadm do something, and return what it says."""
    done = run(program("kubeadm"), *words, "--config", str(node / "init.yaml"))
    assert done.returncode == 0, done.stdout
    return done.stdout


def certificates(text: str) -> list[x509.Certificate]:
    """Return the certificates of a bundle."""
    return x509.load_pem_x509_certificates(text.encode())


def test_it_signs_by_the_first_of_a_bundle_and_leaves_the_bundle_alone(node: Path, pki: Pki) -> None:
    folder = node / "kubernetes/pki"
    bundles = {"ca": pki.kubernetes, "front-proxy-ca": pki.front_proxy}
    for name, pair in bundles.items():
        assert (folder / f"{name}.crt").read_text() == pair.certificate
        assert len(certificates(pair.certificate)) == 2
    for name, pair in {"apiserver": pki.kubernetes, "front-proxy-client": pki.front_proxy}.items():
        (leaf,) = certificates((folder / f"{name}.crt").read_text())
        leaf.verify_directly_issued_by(certificates(pair.certificate)[0])


def test_what_it_signs_lives_as_long_as_the_settings_say(node: Path) -> None:
    text = (node / "kubernetes/pki/apiserver.crt").read_text()
    (leaf,) = certificates(text)
    assert expires(text) - leaf.not_valid_before_utc < timedelta(days=31)
    assert expires(text) - leaf.not_valid_before_utc >= timedelta(days=30)


def test_it_trusts_the_first_alone_and_keeps_a_kubeconfig_that_trusts_all(node: Path, pki: Pki) -> None:
    def trusted() -> str:
        text = yaml.safe_load((node / "admin.conf").read_text())
        return base64.b64decode(text["clusters"][0]["cluster"]["certificate-authority-data"]).decode()

    phase = ("init", "phase", "kubeconfig", "admin", "--kubeconfig-dir", str(node))
    kubeadm(node, *phase)
    assert certificates(trusted()) == certificates(pki.kubernetes.certificate)[:1]
    trust(node / "admin.conf", node / "kubernetes/pki/ca.crt")
    assert "Using existing kubeconfig file" in kubeadm(node, *phase)
    assert trusted() == pki.kubernetes.certificate


def expirations(node: Path) -> dict[str, Any]:
    """Return what kubeadm says of the certificates that are there, by name."""
    said = kubeadm(node, "certs", "check-expiration", "--output", "json")
    found = json.loads(said[said.index("{") :])["certificates"]
    return {each["name"]: each for each in found if not each.get("missing")}


def test_it_tells_when_certificates_end_in_the_form_that_the_node_s_program_reads(node: Path) -> None:
    told = expirations(node)
    assert {"apiserver", "apiserver-kubelet-client", "front-proxy-client"} <= told.keys()
    assert 29 * 86400 < told["apiserver"]["residualTime"] <= 30 * 86400


def test_it_renews_by_the_first_of_a_bundle(node: Path, pki: Pki) -> None:
    file = node / "kubernetes/pki/apiserver.crt"
    before = file.read_text()
    kubeadm(node, "certs", "renew", "apiserver")
    assert file.read_text() != before
    (leaf,) = certificates(file.read_text())
    leaf.verify_directly_issued_by(certificates(pki.kubernetes.certificate)[0])
    assert (node / "kubernetes/pki/ca.crt").read_text() == pki.kubernetes.certificate

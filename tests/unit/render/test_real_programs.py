"""The programs that will read a node's files read them here, each where it is to be had."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from cecf import versions
from cecf.pki.keys import join_kubeconfig
from cecf.plan import ClusterPlan, NodePlan
from cecf.render.kubeadm import JOIN_CONF
from cecf.settings import businesses
from cecf.versions import Release
from lab.kubernetes import images
from tests.helpers import clusters
from tests.helpers.programs import program, run, run_in_node_image
from tests.helpers.tls_server import server_context, serving
from tests.helpers.user_data import documents, files

INIT = "/etc/cecf/kubeadm-init.yaml"
JOIN = "/etc/cecf/kubeadm-join.yaml"
INSTALLED = "/usr/local/lib/cecf"

EXTERNAL = {"etcd": {"topology": "external", "events": {}, "wal_volume": {}}}
"""Servers that run nothing but etcd, too."""

every_business = pytest.mark.parametrize("business", businesses())
each_release = pytest.mark.parametrize("release", versions.LAB_RELEASES, ids=lambda release: release.minor)


def written(plan: ClusterPlan, node: NodePlan) -> dict[str, str]:
    """Return a node's files when the keys are real."""
    return files(plan, node, clusters.real_facts(node))


def put(folder: Path, name: str, text: str) -> str:
    """Write a file and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


@every_business
@each_release
def test_kubeadm_knows_every_field_that_it_is_told(business: str, release: Release, tmp_path: Path) -> None:
    plan = replace(clusters.committed(business), kubernetes_version=release.kubernetes)
    _read_by_kubeadm(program("kubeadm", release), plan, tmp_path)


def test_kubeadm_knows_every_field_that_it_is_told_of_an_etcd_elsewhere(tmp_path: Path) -> None:
    _read_by_kubeadm(program("kubeadm"), clusters.plan("dev", EXTERNAL), tmp_path)


def _read_by_kubeadm(kubeadm: str, plan: ClusterPlan, tmp_path: Path) -> None:
    for node in (plan.control_plane.nodes[0], plan.control_plane.nodes[-1], plan.nodes[-1]):
        found = written(plan, node)
        # kubeadm looks whether the file is there.
        conf = put(tmp_path, "join.conf", found[JOIN_CONF])
        for path in {INIT, JOIN} & found.keys():
            config = put(tmp_path, Path(path).name, found[path].replace(JOIN_CONF, conf))
            done = run(kubeadm, "config", "validate", "--config", config)
            assert done.stdout.strip() == "ok"


@pytest.mark.parametrize("address", ["192.0.2.10", "api.example.org"])
def test_kubeadm_takes_somebody_else_s_endpoint_by_address_and_by_name(address: str, tmp_path: Path) -> None:
    endpoint = {"kind": "external", "address": address, "port": 443}
    plan = clusters.plan("dev", {"control_plane": {"endpoint": endpoint}})
    config = put(tmp_path, "init.yaml", written(plan, plan.nodes[0])[INIT])
    assert run(program("kubeadm"), "config", "validate", "--config", config).stdout.strip() == "ok"


@pytest.mark.parametrize("kind", ["InitConfiguration", "ClusterConfiguration", "KubeletConfiguration"])
def test_kubeadm_would_tell_of_a_field_that_it_does_not_know(kind: str, tmp_path: Path) -> None:
    plan = clusters.plan("dev")
    told = documents(written(plan, plan.nodes[0])[INIT])
    told[kind]["mispelt"] = 1
    spoilt = put(tmp_path, "init.yaml", yaml.safe_dump_all(told.values()))
    assert "mispelt" in run(program("kubeadm"), "config", "validate", "--config", spoilt).stdout


@each_release
def test_kubeadm_wants_the_images_that_the_node_image_holds(release: Release, tmp_path: Path) -> None:
    plan = clusters.plan("dev", {"kubernetes_version": release.kubernetes})
    config = put(tmp_path, "init.yaml", written(plan, plan.nodes[0])[INIT])
    done = run(program("kubeadm", release), "config", "images", "list", "--config", config)
    wanted = {line for line in done.stdout.splitlines() if line.startswith("cecf.local/")}
    held = images.references(release)
    names = {"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "coredns", "pause"}
    assert wanted == {held[name] for name in names}


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """Return a folder with the first node's keys and what kubeadm makes with them."""
    kubeadm = program("kubeadm")
    plan = clusters.plan("dev")
    found = written(plan, plan.nodes[0])
    for path, text in found.items():
        if path.startswith("/etc/cecf/pki/"):
            put(tmp_path / "pki", path.removeprefix("/etc/cecf/pki/"), text)
    told = documents(found[INIT])
    told["ClusterConfiguration"]["certificatesDir"] = str(tmp_path / "pki")
    config = put(tmp_path, "init.yaml", yaml.safe_dump_all(told.values()))
    done = run(kubeadm, "init", "phase", "certs", "all", "--config", config)
    assert done.returncode == 0, done.stdout
    return tmp_path / "pki"


def certificate(file: Path) -> x509.Certificate:
    """Return the certificate in a file."""
    return x509.load_pem_x509_certificate(file.read_bytes())


def test_kubeadm_uses_the_cluster_s_keys_and_changes_none(signed: Path) -> None:
    plan = clusters.plan("dev")
    given = {p: t for p, t in written(plan, plan.nodes[0]).items() if p.startswith("/etc/cecf/pki/")}
    assert {p: (signed / p.removeprefix("/etc/cecf/pki/")).read_text() for p in given} == given


def test_what_kubeadm_signs_verifies_and_is_of_the_same_kind(signed: Path) -> None:
    authorities = {"apiserver": "ca", "front-proxy-client": "front-proxy-ca"}
    for name, authority in authorities.items():
        made = certificate(signed / f"{name}.crt")
        made.verify_directly_issued_by(certificate(signed / f"{authority}.crt"))
        assert isinstance(made.public_key(), ec.EllipticCurvePublicKey)


def test_the_api_server_s_certificate_is_for_the_endpoint_and_the_server_s_own_address(signed: Path) -> None:
    names = certificate(signed / "apiserver.crt").extensions.get_extension_for_class(x509.SubjectAlternativeName)
    addresses = {str(address) for address in names.value.get_values_for_type(x509.IPAddress)}
    assert {"10.10.0.5", "10.10.0.6"} <= addresses


@pytest.mark.parametrize(("status", "well"), [(200, True), (500, False)])
def test_keepalived_s_check_tells_a_well_endpoint_from_a_sick_one(*, signed: Path, status: int, well: bool) -> None:
    program("curl")
    context = server_context(signed / "apiserver.crt", signed / "apiserver.key")
    with serving(context, lambda _: (status, b"")) as port:
        plan = clusters.plan("dev", {"control_plane": {"endpoint": {"port": port}}})
        script = written(plan, plan.nodes[0])["/usr/local/lib/cecf/check-endpoint"]
        text = script.replace("/etc/cecf/pki/ca.crt", str(signed / "ca.crt"))
        done = run("sh", put(signed, "check", text))
        assert (done.returncode == 0) is well, done.stdout


def test_keepalived_s_check_fails_where_nobody_listens(signed: Path) -> None:
    program("curl")
    plan = clusters.plan("dev", {"control_plane": {"endpoint": {"port": 1}}})
    script = written(plan, plan.nodes[0])["/usr/local/lib/cecf/check-endpoint"]
    assert run("sh", put(signed, "check", script.replace("/etc/cecf/pki/ca.crt", str(signed / "ca.crt")))).returncode


@every_business
def test_haproxy_takes_its_configuration(business: str, tmp_path: Path) -> None:
    plan = clusters.committed(business)
    put(tmp_path, "ca.crt", clusters.pki().kubernetes.certificate)
    text = written(plan, plan.nodes[0])["/etc/haproxy/haproxy.cfg"]
    put(tmp_path, "haproxy.cfg", text.replace("/etc/cecf/pki/ca.crt", "/mnt/ca.crt"))
    done = run_in_node_image(tmp_path, "haproxy", "-c", "-f", "/mnt/haproxy.cfg")
    assert done.returncode == 0, done.stdout
    assert "WARNING" not in done.stdout


@every_business
def test_keepalived_takes_its_configuration(business: str, tmp_path: Path) -> None:
    plan = clusters.committed(business)
    found = written(plan, plan.nodes[0])
    Path(put(tmp_path, "check-endpoint", found["/usr/local/lib/cecf/check-endpoint"])).chmod(0o755)
    text = found["/etc/cecf/keepalived.conf"].replace("@INTERFACE@", "ens3")
    put(tmp_path, "keepalived.conf", text.replace("/usr/local/lib/cecf/check-endpoint", "/mnt/check-endpoint"))
    script = "ip link add ens3 type bridge && keepalived --config-test --use-file /mnt/keepalived.conf"
    done = run_in_node_image(tmp_path, "sh", "-c", script)
    assert done.returncode == 0, done.stdout


def test_the_node_image_has_every_program_that_a_node_s_files_run(tmp_path: Path) -> None:
    used = ["modprobe", "sysctl", "/usr/sbin/blkid", "mkfs.ext4", "mount", "systemctl", "ctr", "haproxy", "keepalived"]
    used += ["kubeadm", "kubelet", "etcd", "etcdctl", "etcdutl", "ip", "curl", "/usr/sbin/nft", "/usr/bin/python3"]
    used += ["restic"]
    script = "for name; do command -v $name > /dev/null || echo $name; done"
    assert run_in_node_image(tmp_path, "sh", "-c", script, "sh", *used).stdout == ""


def test_the_node_image_s_python_reads_the_program(tmp_path: Path) -> None:
    plan = clusters.plan("dev")
    for path, text in written(plan, plan.nodes[0]).items():
        if path.startswith(INSTALLED):
            put(tmp_path, path.removeprefix("/"), text)
    load = f"import sys; sys.path.insert(0, '/mnt{INSTALLED}'); import cecf.node.boot, cecf.node.defragment"
    done = run_in_node_image(tmp_path, "/usr/bin/python3", "-c", load)
    assert (done.returncode, done.stdout) == (0, "")


def test_nft_takes_the_rules_that_keep_pods_from_the_metadata_service(tmp_path: Path) -> None:
    plan = clusters.plan("dev")
    rules = put(tmp_path, "guard.nft", written(plan, plan.nodes[0])["/etc/cecf/metadata-guard.nft"])
    done = run(program("nft"), "--check", "--file", rules)
    if "not permitted" in done.stdout:
        pytest.skip("nft checks rules against the kernel, which only root may ask")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("pool", ["control-plane", "etcd", "etcd-events", "general"])
def test_systemd_takes_the_units(pool: str, tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    plan = clusters.plan("dev", EXTERNAL if pool.startswith("etcd") else None)
    (node, *_) = [node for node in plan.nodes if node.pool == pool]
    units = {
        Path(p).name: t
        for p, t in written(plan, node).items()
        if p.startswith("/etc/systemd/system/") and p.endswith((".service", ".timer"))
    }
    # The kubelet's own unit and etcd's program are in the node image.
    units["kubelet.service"] = "[Service]\nExecStart=/bin/true\n"
    paths = [put(tmp_path, name, text.replace("/usr/bin/etcd", "/bin/true")) for name, text in units.items()]
    done = run(analyze, "verify", "--man=no", "--recursive-errors=no", *paths)
    assert {"cecf-boot.service", *(["etcd.service"] if node.is_member else [])} <= units.keys()
    assert [line for line in done.stdout.splitlines() if "cecf-" in line or "etcd" in line] == []


def test_systemd_would_tell_of_a_word_in_etcd_s_unit_that_it_does_not_know(tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    plan = clusters.plan("dev")
    unit = written(plan, plan.nodes[0])["/etc/systemd/system/etcd.service"].replace("Nice=", "Mispelt=")
    done = run(analyze, "verify", "--man=no", "--recursive-errors=no", put(tmp_path, "etcd.service", unit))
    assert "Mispelt" in done.stdout


@pytest.mark.parametrize("of", ["administrator", "node"])
def test_kubectl_reads_the_kubeconfigs(of: str, tmp_path: Path) -> None:
    pki = clusters.pki()
    url = "https://203.0.112.10:8443"
    admin = clusters.admin_kubeconfig(pki, "dev", url, "10.10.0.5")
    text = admin if of == "administrator" else join_kubeconfig(pki, "dev", url, "dev-x-1")
    done = run(program("kubectl"), "--kubeconfig", put(tmp_path, "config", text), "config", "view", "--minify")
    assert done.returncode == 0, done.stdout
    assert yaml.safe_load(done.stdout)["clusters"][0]["cluster"]["server"] == url

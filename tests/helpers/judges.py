"""Real components as judges of what they are told: each returns its own words against it, nothing if it accepts.

Most start only with a cluster around them. So each is started without one, and what counts is how far it came: what it
misses first is looked for after its configuration has been read and validated. What a component only logs (a lenient
decoding) counts as refused. Not reached is what it works out later still: the kubelet's eviction signals and reserved
resources, names of feature gates, leader election's jitter. Those have rules of ours, and the booted cluster.
"""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.programs import program, run

_ALONE = ("unshare", "--mount", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")
"""No network but a loopback: nothing is reached, and nothing is in the way."""

_LENIENT = "Using lenient decoding"


def kubelet(folder: Path, base: Mapping[str, Any], drop_in: str) -> str:
    """Have the kubelet read its configuration with a drop-in, and both as one file.

    Of a drop-in it does not even log what it does not know.
    """
    drop_ins = folder / "drop-ins"
    drop_ins.mkdir(exist_ok=True)
    (drop_ins / "90-cecf.conf").write_text(drop_in)
    return _kubelet(folder, base, f"--config-dir={drop_ins}") or _kubelet(folder, {**base, **yaml.safe_load(drop_in)})


def _kubelet(folder: Path, config: Mapping[str, Any], *more: str) -> str:
    (folder / "kubelet.yaml").write_text(yaml.safe_dump(dict(config)))
    alone = (f"--root-dir={folder / 'kubelet'}", "--container-runtime-endpoint=unix:///nonexistent")
    said = _said(program("kubelet"), f"--config={folder / 'kubelet.yaml'}", *more, *alone)
    return _against(said, far_enough="no client provided, cannot use webhook authentication")


def kube_proxy(folder: Path, config: Mapping[str, Any]) -> str:
    """Have kube-proxy read its configuration and write what it has understood."""
    (folder / "proxy.yaml").write_text(yaml.safe_dump(dict(config)))
    out = folder / "proxy.out"
    out.unlink(missing_ok=True)
    said = _said(program("kube-proxy"), f"--config={folder / 'proxy.yaml'}", f"--write-config-to={out}")
    return "" if out.exists() and _LENIENT not in said else said


def scheduler(folder: Path, config: Mapping[str, Any]) -> str:
    """Have the scheduler read its configuration and write what it has understood."""
    credential = folder / "scheduler.conf"
    credential.write_text(_NOBODY)
    told = {**config, "clientConnection": {**config["clientConnection"], "kubeconfig": str(credential)}}
    (folder / "scheduler.yaml").write_text(yaml.safe_dump(told))
    out = folder / "scheduler.out"
    out.unlink(missing_ok=True)
    said = _said(program("kube-scheduler"), f"--config={folder / 'scheduler.yaml'}", f"--write-config-to={out}")
    return "" if out.exists() else said


def api_server(folder: Path, flags: Sequence[str]) -> str:
    """Have the API server judge its flags: it lists everything that is wrong with them, and so what is left out."""
    missing = ("--etcd-servers must be specified", "service-account-issuer is a required flag")
    said = _said(program("kube-apiserver"), f"--cert-dir={folder}", "--advertise-address=192.0.2.1", *flags)
    failed = said.rpartition('err="[')[2].rpartition("]")[0]
    others = [part for part in failed.split(", ") if "service-account" not in part and part != missing[0]]
    return "" if all(text in failed for text in missing) and not others else said


def controller_manager(folder: Path, flags: Sequence[str]) -> str:
    """Have the controller manager judge its flags, before it misses a cluster."""
    said = _said(program("kube-controller-manager"), f"--cert-dir={folder}", *flags)
    return _against(said, far_enough="invalid configuration: no configuration has been provided")


def etcd(folder: Path, flags: Sequence[str]) -> str:
    """Have etcd start with its flags, alone, and end it as soon as it serves."""
    log = folder / "etcd.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*_ALONE, program("etcd"), f"--data-dir={folder / 'etcd'}", *flags], stdout=output, stderr=output
        )
        try:
            until = time.monotonic() + 30
            while process.poll() is None and time.monotonic() < until:
                if "now serving peer/client/metrics" in log.read_text():
                    return ""
                time.sleep(0.05)
        finally:
            process.terminate()
            process.wait(30)
    return log.read_text()


def _said(*command: str) -> str:
    done = run(*_ALONE, *command)
    if "unshare" in done.stdout and "not permitted" in done.stdout:
        pytest.skip("a component that judges is kept from the network, which only root may do")
    return done.stdout


def _against(said: str, *, far_enough: str) -> str:
    return "" if far_enough in said and _LENIENT not in said else said


_NOBODY = """\
apiVersion: v1
kind: Config
current-context: nobody
contexts: [{name: nobody, context: {cluster: nowhere, user: nobody}}]
clusters: [{name: nowhere, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: nobody, user: {}}]
"""

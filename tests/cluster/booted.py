"""A cluster that has been booted, and how tests speak to it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cecf.kubernetes.api import KubernetesApi
from cecf.kubernetes.running.asking import ask
from cecf.kubernetes.running.readers import flags
from cecf.plan import ClusterPlan, plan_cluster
from tests.engine.cloud_project import CloudProject
from tests.engine.program import Program
from tests.helpers import clusters

Figure = Callable[[str], None]
"""Takes a line for the end of the test run's report."""

KUBECTL_TIMEOUT = "20s"

ETCD_KEYS = "/etc/cecf/etcd"


@dataclass(frozen=True)
class Booted:
    """A cluster with its program, its project, and a kubeconfig file at `kubeconfig`."""

    program: Program
    project: CloudProject
    kubeconfig: Path
    kubectl_path: Path

    @property
    def plan(self) -> ClusterPlan:
        """Return the plan of what the stack file says now: a restore and an upgrade change it."""
        settings = clusters.settings(self.program.business, self.program.configured())
        return plan_cluster(settings.cluster, clusters.CATALOG)

    @property
    def api(self) -> KubernetesApi:
        """Return the API as the program itself speaks to it."""
        return KubernetesApi(self.kubeconfig.read_text())

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        """Run kubectl and return what it said."""
        done = subprocess.run(
            [self.kubectl_path, "--kubeconfig", self.kubeconfig, f"--request-timeout={KUBECTL_TIMEOUT}", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if check:
            assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def get(self, *arguments: str) -> Any:
        """Return what `kubectl get` finds, as data."""
        return json.loads(self.kubectl("get", *arguments, "--output", "json"))

    def server_id(self, node: str) -> str:
        """Return the id of a node's server."""
        return str(self.project.servers()[node].id)

    def on_node(self, node: str, *command: str) -> str:
        """Run a command as root on a node, past Kubernetes and the network."""
        return on_machine(self.server_id(node), *command)

    def flags(self, component: str, node: str) -> dict[str, str]:
        """Return the flags of a control plane's process, as the kernel knows them."""
        question = ("flags", component)
        return flags(ask(node, {question}, self.api, self.on_node)[question].read())

    def etcdctl(self, *arguments: str, check: bool = True) -> str:
        """Run etcdctl on the first member's server and return what it said; nothing if it may fail, and does."""
        credential = [f"--cacert={ETCD_KEYS}/ca.crt", f"--cert={ETCD_KEYS}/peer.crt", f"--key={ETCD_KEYS}/peer.key"]
        try:
            return self.on_node(self.plan.etcd.members[0].name, "etcdctl", *credential, *arguments)
        except subprocess.SubprocessError:
            if check:
                raise
            return ""

    def healthy_members(self) -> int:
        """Return how many members etcd's list has of which each answers; 0 while it cannot be asked."""
        return self.etcdctl("endpoint", "health", "--cluster", check=False).count("is healthy")

    @contextmanager
    def applied(self, *documents: dict[str, Any]) -> Iterator[None]:
        """Have objects in the cluster for the time of a block."""
        text = yaml.safe_dump_all(documents)
        self.kubectl("apply", "--filename", "-", stdin=text)
        try:
            yield
        finally:
            self.kubectl(
                "delete", "--ignore-not-found", "--grace-period=0", "--wait=false", "--filename", "-", stdin=text
            )

    def in_pod(self, pod: str, *command: str, namespace: str = "default", check: bool = True) -> str:
        """Run a command in a pod."""
        return self.kubectl("exec", "--namespace", namespace, pod, "--", *command, check=check)


def on_machine(server_id: str, *command: str) -> str:
    """Run a command as root in a server's machine."""
    return subprocess.run(
        lab_command("shell", server_id, *command), capture_output=True, text=True, check=True, timeout=120
    ).stdout


def lab_command(*arguments: str) -> Sequence[str]:
    """Return a command of the lab."""
    return [sys.executable, "-m", "lab", *arguments]


def pod(name: str, node: str | None = None, image: str = "cecf.local/toolbox:1", **spec: Any) -> dict[str, Any]:
    """Return a pod that waits to be told what to do, or serves its name by HTTP on port 8080."""
    serve = f"mkdir -p /tmp/www && echo {name} > /tmp/www/index.html && exec httpd -f -p 8080 -h /tmp/www"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            **({"nodeSelector": {"kubernetes.io/hostname": node}} if node else {}),
            "tolerations": [{"operator": "Exists"}],
            "containers": [
                {
                    "name": "main",
                    "image": image,
                    "imagePullPolicy": "Never",
                    "command": ["sh", "-c", serve],
                }
            ],
            **spec,
        },
    }

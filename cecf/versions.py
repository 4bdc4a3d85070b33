"""Every version that CECF pins, and the only place to change one.

Python packages are pinned in ``requirements.lock``, Go modules in ``lab/*/*/go.mod``; a test holds them
against this file. Importable with the standard library alone, so that ``make setup`` can read it before
anything is installed.
"""

from dataclasses import dataclass

PULUMI = "3.246.0"
"""The engine (CLI) and the Python SDK, which must be of one version."""

PULUMI_OPENSTACK = "5.5.3"
"""The OpenStack plugin and its Python SDK."""

PULUMI_KUBERNETES = "4.34.2"
"""The Kubernetes plugin and its Python SDK."""

GO_MINIMUM = "1.25.11"
"""The oldest Go tool chain that builds the engine and the plugin."""

KUBERNETES = "1.34.4"
"""The Kubernetes release that a cluster gets when its settings name none."""


@dataclass(frozen=True, slots=True)
class Release:
    """A minor of Kubernetes: one release of it, and the versions that its kubeadm wants."""

    kubernetes: str
    etcd: str
    pause: str

    @property
    def minor(self) -> str:
        """The minor: `1.34` of `1.34.4`."""
        return minor_of(self.kubernetes)

    @property
    def node_image(self) -> str:
        """The Glance image that a node boots from when its settings name none; it holds one release of the minor."""
        return f"cecf-node-{self.minor}"


def minor_of(kubernetes: str) -> str:
    """Return the minor of a release: `1.34` of `1.34.4`."""
    return ".".join(kubernetes.split(".")[:2])


RELEASES = {
    release.minor: release
    for release in (
        Release("1.33.13", etcd="3.5.24", pause="3.10"),
        Release("1.34.4", etcd="3.6.5", pause="3.10.1"),
        Release("1.35.4", etcd="3.6.6", pause="3.10.1"),
        Release("1.36.3", etcd="3.6.8", pause="3.10.2"),
    )
}
"""The minors that a cluster may have, the oldest first."""


def release_of(kubernetes: str) -> Release:
    """Return what goes with a release, of whatever patch: it is decided by the minor."""
    return RELEASES[minor_of(kubernetes)]


DEFAULT = release_of(KUBERNETES)
"""What goes with `KUBERNETES`."""

LAB_RELEASES = (DEFAULT, RELEASES["1.35"])
"""The releases that the lab makes programs and a node image of: the default, and one to upgrade to."""

CLOUD_INIT_SCHEMA = "22.4.2"
"""The oldest cloud-init (Debian 12) whose schema the user data must satisfy."""

IMAGE_REPOSITORY = "cecf.local"
"""The repository in whose name the node image holds its container images: an address that nothing answers at."""

COREDNS = "1.12.1"
"""CoreDNS, for every release of Kubernetes; kubeadm of `KUBERNETES` would install the same."""

METRICS_SERVER = "0.9.0"
"""metrics-server."""

FLANNEL = "0.28.4"
"""flannel, the pod network."""

CNI_PLUGINS = "1.9.1"
"""The reference CNI plugins on a node."""

KWOK = "0.8.0"
"""kwok, which plays nodes for tests of scale."""

KUBERNETES_GO_MINIMUM = "1.26.4"
"""The oldest Go tool chain that builds Kubernetes and what goes with it."""

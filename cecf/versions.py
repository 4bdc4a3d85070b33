"""Every version that CECF pins, and the only place to change one.

Python packages are pinned in ``requirements.lock``, Go modules in ``lab/*/*/go.mod``; a test holds them
against this file. Importable with the standard library alone, so that ``make setup`` can read it before
anything is installed.
"""

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

NODE_IMAGE = "cecf-node-1.34"
"""The Glance image that a node boots from when its settings name none."""

CLOUD_INIT_SCHEMA = "22.4.2"
"""The oldest cloud-init (Debian 12) whose schema the user data must satisfy."""

IMAGE_REPOSITORY = "cecf.local"
"""The repository in whose name the node image holds its container images: an address that nothing answers at."""

PAUSE = "3.10.1"
"""The pause image that kubeadm of `KUBERNETES` wants."""

ETCD = "3.6.5"
"""The etcd that kubeadm of `KUBERNETES` would install."""

COREDNS = "1.12.1"
"""CoreDNS, the release that `KUBERNETES` was tested with upstream."""

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

"""Every version that CECF pins, and the only place to change one.

Python packages are pinned in ``requirements.lock``, Go modules in ``lab/engine/*/go.mod``; a test holds them
against this file. Importable with the standard library alone, so that ``make setup`` can read it before
anything is installed.
"""

PULUMI = "3.246.0"
"""The engine (CLI) and the Python SDK, which must be of one version."""

PULUMI_OPENSTACK = "5.5.3"
"""The OpenStack plugin and its Python SDK."""

GO_MINIMUM = "1.25.11"
"""The oldest Go tool chain that builds the engine and the plugin."""

KUBERNETES = "1.34.4"
"""The Kubernetes release that a cluster gets when its settings name none."""

NODE_IMAGE = "cecf-node-1.34"
"""The Glance image that a node boots from when its settings name none."""

CLOUD_INIT_SCHEMA = "22.4.2"
"""The oldest cloud-init (Debian 12) whose schema the user data must satisfy."""

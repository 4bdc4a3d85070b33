"""containerd's configuration."""

import json
from collections.abc import Mapping
from typing import Any

from cecf import versions
from cecf.plan import ClusterPlan, NodePlan
from cecf.render.cloud_init import File
from cecf.tuning.model import Component
from cecf.tuning.resolve import document


def container_runtime_files(plan: ClusterPlan, node: NodePlan) -> list[File]:
    """Return the file that containerd 1.6 and newer read."""
    tuned = document(plan.tuning_of(node), Component.CONTAINERD)
    cri = tuned.pop("cri")
    content = f"""\
# Made by cecf.
version = 2
{_lines(tuned)}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{plan.image_repository}/pause:{versions.release_of(plan.kubernetes_version).pause}"
{_lines(cri, indent="  ")}\
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      # As the kubelet's cgroupDriver.
      SystemdCgroup = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
"""
    return [File(path="/etc/containerd/config.toml", content=content)]


def _lines(values: Mapping[str, Any], indent: str = "") -> str:
    """Return values of TOML's simple types, which JSON writes in the same way."""
    return "".join(f"{indent}{key} = {json.dumps(value)}\n" for key, value in values.items())

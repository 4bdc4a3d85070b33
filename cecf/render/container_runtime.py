"""containerd's configuration."""

from cecf import versions
from cecf.plan import ClusterPlan
from cecf.render.cloud_init import File


def container_runtime_files(plan: ClusterPlan) -> list[File]:
    """Return the file that containerd 1.6 and newer read."""
    content = f"""\
# Made by cecf.
version = 2

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{plan.image_repository}/pause:{versions.PAUSE}"
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

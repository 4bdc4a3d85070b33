"""Kernel modules and settings that Kubernetes needs on every node."""

from cecf.render.cloud_init import File

MODULES = ("overlay", "br_netfilter")
"""Container root file systems; bridged pod traffic seen by netfilter."""

SYSCTLS = {
    # kubeadm's preflight refuses a node without them.
    "net.bridge.bridge-nf-call-ip6tables": "1",
    "net.bridge.bridge-nf-call-iptables": "1",
    "net.ipv4.ip_forward": "1",
    # The kubelet refuses to start with others under `protectKernelDefaults`.
    "kernel.panic": "10",
    "kernel.panic_on_oops": "1",
    "kernel.keys.root_maxbytes": "25000000",
    "kernel.keys.root_maxkeys": "1000000",
    "vm.overcommit_memory": "1",
    "vm.panic_on_oom": "0",
}
"""What the kernel's values must be, and for whom."""


def kernel_files() -> list[File]:
    """Return the files that load the modules and set the values at each boot."""
    modules = "".join(f"{name}\n" for name in MODULES)
    sysctls = "".join(f"{key} = {value}\n" for key, value in sorted(SYSCTLS.items()))
    return [
        File(path="/etc/modules-load.d/cecf.conf", content=modules),
        File(path="/etc/sysctl.d/90-cecf.conf", content=sysctls),
    ]

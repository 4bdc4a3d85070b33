"""Kernel modules and settings of a node."""

from cecf.plan import ClusterPlan, NodePlan
from cecf.render.cloud_init import File
from cecf.tuning.model import Component
from cecf.tuning.resolve import document


def kernel_files(plan: ClusterPlan, node: NodePlan) -> list[File]:
    """Return the files that load the modules and set the values at each boot."""
    tuning = plan.tuning_of(node)
    modules = "".join(f"{name}\n" for name in document(tuning, Component.MODULES)["load"])
    sysctls = "".join(f"{key} = {value}\n" for key, value in sorted(document(tuning, Component.SYSCTL).items()))
    return [
        File(path="/etc/modules-load.d/cecf.conf", content=modules),
        File(path="/etc/sysctl.d/90-cecf.conf", content=sysctls),
    ]

"""Drop-ins of the kubelet's and containerd's units, and the slice that they run in."""

from cecf.plan import ClusterPlan, NodePlan
from cecf.render.cloud_init import File
from cecf.tuning.model import Component
from cecf.tuning.resolve import document

_UNITS = "/etc/systemd/system"


def service_files(plan: ClusterPlan, node: NodePlan) -> list[File]:
    """Return a file for each unit that is tuned."""
    return [_file(unit, values) for unit, values in document(plan.tuning_of(node), Component.SYSTEMD).items()]


def _file(unit: str, values: dict[str, object]) -> File:
    lines = "".join(f"{key}={value}\n" for key, value in values.items())
    if unit.endswith(".slice"):
        head = "[Unit]\nDescription=What runs the containers\nBefore=slices.target\n\n[Slice]\n"
        return File(path=f"{_UNITS}/{unit}", content=f"# Made by cecf.\n{head}{lines}")
    return File(path=f"{_UNITS}/{unit}.d/90-cecf.conf", content=f"# Made by cecf.\n[Service]\n{lines}")

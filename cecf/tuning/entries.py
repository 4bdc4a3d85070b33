"""Fields that are maps of which the component knows every key: it would refuse another only when it starts."""

from collections.abc import Mapping
from dataclasses import dataclass

from cecf.tuning.kinds import Duration, Kind, Quantity, Threshold
from cecf.tuning.model import Component


@dataclass(frozen=True)
class Entries:
    """The keys of a map, and what each may hold."""

    keys: tuple[str, ...]
    kind: Kind


_SIGNALS = (
    "memory.available",
    "nodefs.available",
    "nodefs.inodesFree",
    "imagefs.available",
    "imagefs.inodesFree",
    "containerfs.available",
    "containerfs.inodesFree",
    "pid.available",
)
"""Of eviction; source: kubernetes/pkg/kubelet/eviction/api."""

_RESOURCES = ("cpu", "memory", "ephemeral-storage", "pid")
"""What a kubelet reserves; source: kubernetes/cmd/kubelet/app/server.go."""

_THRESHOLD = Threshold("0", "100Ti")

ENTRIES: Mapping[tuple[Component, str], Entries] = {
    (Component.KUBELET, "evictionHard"): Entries(_SIGNALS, _THRESHOLD),
    (Component.KUBELET, "evictionSoft"): Entries(_SIGNALS, _THRESHOLD),
    (Component.KUBELET, "evictionMinimumReclaim"): Entries(_SIGNALS, _THRESHOLD),
    (Component.KUBELET, "evictionSoftGracePeriod"): Entries(_SIGNALS, Duration("1s", "1h")),
    (Component.KUBELET, "systemReserved"): Entries(_RESOURCES, Quantity("0", "100Ti")),
    (Component.KUBELET, "kubeReserved"): Entries(_RESOURCES, Quantity("0", "100Ti")),
}
"""By component and field."""

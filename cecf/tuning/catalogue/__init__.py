"""The catalogue: every setting that CECF tunes, by its id."""

from collections.abc import Mapping

from cecf.tuning.catalogue import (
    api_server,
    container_runtime,
    controller_manager,
    endpoint,
    etcd,
    kernel,
    kube_proxy,
    kubelet,
    node_resources,
    scheduler,
    services,
)
from cecf.tuning.model import Setting

_PARTS = (
    kubelet,
    node_resources,
    kube_proxy,
    scheduler,
    api_server,
    controller_manager,
    etcd,
    container_runtime,
    services,
    kernel,
    endpoint,
)

CATALOGUE: Mapping[str, Setting] = {setting.id: setting for part in _PARTS for setting in part.SETTINGS}
"""In the order in which the pages list them."""

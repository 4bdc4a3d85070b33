"""What runs in every cluster besides its workloads."""

from typing import Annotated

from pydantic import Field

from cecf.settings.base import Model


class CoreDnsSettings(Model):
    """The cluster's DNS."""

    replicas: Annotated[int, Field(ge=1, le=100)] | None = None
    """Pods, on different nodes; empty: one for each 16 nodes and each 256 cores, 2 at least, 1 in a cluster of one
    node."""


class MetricsServerSettings(Model):
    """Resource metrics, for `kubectl top` and horizontal autoscaling."""

    enabled: bool = True
    """Whether it is installed."""


class AddonSettings(Model):
    """The add-ons' settings. The pod network (flannel, VXLAN) and DNS are always installed."""

    coredns: CoreDnsSettings = CoreDnsSettings()
    """The cluster's DNS."""
    metrics_server: MetricsServerSettings = MetricsServerSettings()
    """Resource metrics."""

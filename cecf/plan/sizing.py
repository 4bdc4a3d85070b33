"""How large a control plane's servers had better be for the nodes that they look after. Pure."""

from collections.abc import Iterator, Mapping

from cecf.plan.catalog import Flavor

SIZES: tuple[tuple[int, int, int], ...] = (
    (5, 2, 3840),
    (10, 2, 7680),
    (100, 4, 15_360),
    (250, 8, 30_720),
    (500, 16, 61_440),
    (5000, 32, 122_880),
)
"""Up to how many nodes: cores and MiB of memory. Source: Kubernetes, "Considerations for large clusters" (its sizes of
control-plane machines); two cores are the least that kubeadm takes."""


def wanted(nodes: int) -> tuple[int, int]:
    """Return cores and MiB for a control plane of so many nodes; beyond the largest size, the largest."""
    return next(((cores, mib) for limit, cores, mib in SIZES if nodes <= limit), SIZES[-1][1:])


def proposal(nodes: int, flavors: Mapping[str, Flavor]) -> str | None:
    """Return the smallest flavor that is large enough, by name; none if the cloud has none."""
    cores, mib = wanted(nodes)
    enough = [(f.vcpus, f.ram_mib, name) for name, f in flavors.items() if f.vcpus >= cores and f.ram_mib >= mib]
    return min(enough)[-1] if enough else None


def advice(nodes: int, name: str, flavors: Mapping[str, Flavor]) -> Iterator[str]:
    """Yield what to say of a flavor that is smaller than the number of nodes asks for. It works; it may not suffice."""
    cores, mib = wanted(nodes)
    flavor = flavors[name]
    if flavor.vcpus >= cores and flavor.ram_mib >= mib:
        return
    better = proposal(nodes, flavors)
    yield (
        f"cecf:cluster.control_plane.flavor: '{name}' has {flavor.vcpus} cores and {flavor.ram_mib} MiB; for {nodes} "
        f"nodes Kubernetes proposes {cores} and {mib}: "
        + (f"pulumi config set --path 'cecf:cluster.control_plane.flavor' {better}" if better else "no flavor has them")
    )

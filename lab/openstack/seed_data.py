"""What a fresh cloud holds: projects and their quotas, flavors, images, the external network."""

from __future__ import annotations

from dataclasses import dataclass, field

DEVELOPMENT = "dev"
BUSINESSES = ("finance", "bigdata", "shared")
PROJECTS = (DEVELOPMENT, *BUSINESSES)

APPLICATION_CREDENTIAL = "cecf"
# Set aside for measurements (RFC 2544), so that nobody whom this machine speaks to has an address of it.
EXTERNAL_NETWORK = ("public", "198.18.0.0/20")


@dataclass(frozen=True)
class SharedNetwork:
    """A network that the clusters of a shared project live in together, with a router to the outside."""

    project: str
    name: str
    cidr: str
    allocation: tuple[str, str]
    """First and last address that Neutron hands out; those below are kept for clusters' fixed addresses."""


SHARED_NETWORK = SharedNetwork("shared", "shared", "10.60.0.0/16", ("10.60.16.0", "10.60.255.254"))


@dataclass(frozen=True)
class Flavor:
    """One size of server."""

    name: str
    vcpus: int
    ram_mib: int
    disk_gib: int
    extra: dict[str, str] = field(default_factory=dict)


FLAVORS = (
    # Its servers are fake even where the image could boot: a test of many servers costs little.
    Flavor("m1.tiny", 2, 2048, 20, {"lab:machine": "none"}),
    Flavor("m1.small", 1, 2048, 20),
    Flavor("m1.medium", 2, 4096, 40),
    Flavor("m1.large", 4, 8192, 80),
    Flavor("c1.large", 8, 8192, 40),
    Flavor("c1.xlarge", 16, 16384, 80),
    Flavor("r1.large", 4, 32768, 80),
    Flavor("r1.xlarge", 8, 65536, 160),
)


@dataclass(frozen=True)
class Image:
    """One public image."""

    name: str
    properties: dict[str, str]


# One for each release of Kubernetes that the lab has. Written out, since these files' digest tells whether a cloud was
# seeded with what they say.
NODE_IMAGES = tuple(
    Image(f"cecf-node-{minor}", {"os_distro": "debian", "os_version": "12", "cecf_kubernetes_version": minor})
    for minor in ("1.34", "1.35")
)

# Tells the lab's driver that there is a system to boot in an image.
MACHINE_IMAGE = {"cecf_machine": "nspawn"}

# Their bytes are a placeholder; the node images get systems where there can be machines (`node_image.py`).
IMAGES = (Image("tiny-linux", {"os_distro": "linux"}), *NODE_IMAGES)

# Compute, network, volumes, load balancing and objects by the names that each API gives its quota.
Quotas = dict[str, dict[str, int]]


def _quotas(  # noqa: PLR0913 (a row of the table below)
    *, instances: int, cores: int, ram_gib: int, ports: int, volumes: int, gigabytes: int, object_gib: int
) -> Quotas:
    """Scale what differs by business; what a cluster needs a few of is the same for all."""
    return {
        "compute": {
            "instances": instances,
            "cores": cores,
            "ram": ram_gib * 1024,
            "server_groups": 20,
            # The usual limit of public clouds, which decides how large a pool's server group can be.
            "server_group_members": 10,
            "key_pairs": 20,
        },
        "network": {
            "networks": 10,
            "subnets": 20,
            "routers": 5,
            "ports": ports,
            "floating_ips": 20,
            "security_groups": 30,
            "security_group_rules": 400,
        },
        "volume": {"volumes": volumes, "gigabytes": gigabytes, "snapshots": volumes},
        "load_balancer": {
            "load_balancers": 10,
            "listeners": 40,
            "pools": 40,
            "members": 200,
            "health_monitors": 40,
        },
        "object_store": {"bytes": object_gib * 2**30},
    }


QUOTAS: dict[str, Quotas] = {
    "dev": _quotas(instances=100, cores=400, ram_gib=1600, ports=300, volumes=100, gigabytes=4000, object_gib=20),
    "finance": _quotas(instances=40, cores=200, ram_gib=400, ports=100, volumes=60, gigabytes=2000, object_gib=20),
    "bigdata": _quotas(instances=60, cores=480, ram_gib=2000, ports=150, volumes=120, gigabytes=8000, object_gib=40),
    "shared": _quotas(instances=20, cores=80, ram_gib=160, ports=80, volumes=30, gigabytes=1000, object_gib=10),
}

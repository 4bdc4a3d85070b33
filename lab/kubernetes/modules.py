"""The Go modules of the lab's Kubernetes: which programs each makes, and a key for what decides them.

Programs of one module are compiled by one call, so that what they share is compiled once.
"""

import hashlib
import platform
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from cecf import versions
from cecf.versions import Release

SOURCES = Path(__file__).parent
_KEY_LENGTH = 12
_CNI = "github.com/containernetworking/plugins"
_ETCD = "go.etcd.io/etcd"

BIN = "bin"
CNI = "cni"
IN_IMAGES_ONLY = ""


@dataclass(frozen=True, slots=True)
class Module:
    """A folder with a go.mod that pins all sources of some programs."""

    folder: str
    programs: Mapping[str, str]
    """Packages, and what becomes of their programs. A program is called as its package's folder is."""

    tags: str = ""
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What is written into variables of packages at link time: versions, which sources do not hold."""

    @property
    def path(self) -> Path:
        """The folder with the go.mod."""
        return SOURCES / self.folder

    @property
    def names(self) -> dict[str, str]:
        """Names of programs, and what becomes of them."""
        return {_name(package): destination for package, destination in self.programs.items()}

    def arguments(self, names: Collection[str]) -> list[str]:
        """Return what ``go build`` is told to make some of the programs.

        Debug information is not even made, which is a tenth of the time: linking would drop it.
        """
        stamps = " ".join(f"-X {name}={value}" for name, value in self.variables.items())
        packages = [package for package in self.programs if _name(package) in names]
        return ["-tags", self.tags, "-gcflags=all=-dwarf=false", "-ldflags", f"-s -w {stamps}", *packages]

    def key(self, go_version: str) -> str:
        """Return a digest of all that decides the programs, so that equal keys mean equal programs."""
        decisive = (self.arguments(self.names), go_version, platform.system(), platform.machine())
        digest = hashlib.sha256(repr(decisive).encode())
        for source in sorted(self.path.rglob("*")):
            if source.name in {"go.mod", "go.sum"} or source.suffix == ".go":
                digest.update(str(source.relative_to(self.path)).encode() + b"\0" + source.read_bytes() + b"\0")
        return f"{self.folder.replace('/', '-')}-{digest.hexdigest()[:_KEY_LENGTH]}"


def _name(package: str) -> str:
    """Name a program as Go does: by the last part of its package that is no major version."""
    return re.sub(r"/v\d+$", "", package).rpartition("/")[2]


def _kubernetes_stamps(release: str) -> dict[str, str]:
    major, minor, _ = release.split(".")
    values = {
        "gitVersion": f"v{release}",
        "gitMajor": major,
        "gitMinor": minor,
        "gitCommit": "unknown",
        "gitTreeState": "archive",
    }
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return {f"{package}.{name}": value for package in packages for name, value in values.items()}


_KUBE_COMMANDS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy")
_NODE_COMMANDS = ("kubeadm", "kubelet", "kubectl")
_CNI_PLUGINS = (
    *("main/bridge", "main/loopback", "main/ptp", "ipam/host-local"),
    *("meta/bandwidth", "meta/firewall", "meta/portmap", "meta/tuning"),
)


def _kube(release: Release) -> Module:
    """Return Kubernetes and the etcd that goes with it."""
    return Module(
        folder=f"kube/{release.minor}",
        programs={
            **{f"k8s.io/kubernetes/cmd/{name}": BIN for name in (*_KUBE_COMMANDS, *_NODE_COMMANDS)},
            **{f"{_ETCD}/{name}/v3": BIN for name in ("etcdctl", "etcdutl")},
            "cecf.local/kubernetes/kube/etcd": BIN,
        },
        # Upstream's own.
        tags="selinux,notest,grpcnotrace",
        variables={**_kubernetes_stamps(release.kubernetes), f"{_ETCD}/api/v3/version.GitSHA": "unknown"},
    )


_ADDONS = Module(
    folder="addons",
    programs={
        **{f"{_CNI}/plugins/{name}": CNI for name in _CNI_PLUGINS},
        "cecf.local/kubernetes/addons/flannel": CNI,
        "cecf.local/kubernetes/addons/flanneld": IN_IMAGES_ONLY,
        "cecf.local/kubernetes/addons/pause": IN_IMAGES_ONLY,
        "sigs.k8s.io/metrics-server/cmd/metrics-server": IN_IMAGES_ONLY,
        "sigs.k8s.io/kwok/cmd/kwok": BIN,
    },
    tags="grpcnotrace",
    variables={
        f"{_CNI}/pkg/utils/buildversion.BuildVersion": f"v{versions.CNI_PLUGINS}",
        "github.com/flannel-io/flannel/pkg/version.Version": f"v{versions.FLANNEL}",
        # metrics-server's own, which it keeps in the library's place.
        "k8s.io/client-go/pkg/version.gitVersion": f"v{versions.METRICS_SERVER}",
    },
)

# Its library of Kubernetes is older than the others can do with.
_COREDNS = Module(folder="coredns", programs={"cecf.local/kubernetes/coredns": IN_IMAGES_ONLY}, tags="grpcnotrace")


def modules(release: Release) -> tuple[Module, ...]:
    """Return what a release is made of: Kubernetes itself, and the rest, which all releases share."""
    return _kube(release), _ADDONS, _COREDNS

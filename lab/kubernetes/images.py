"""What is in each container image of the lab, under the names that nodes know it by."""

from collections.abc import Mapping
from pathlib import Path

from cecf import versions
from cecf.versions import Release
from lab.kubernetes.oci import Entry, Image

DEBIAN_PACKAGES = ("iptables", "nftables", "conntrack", "ipset", "busybox-static")
"""What kube-proxy and flannel call, and a small user land for scripts and tests."""

_PROXY_APPLETS = ("cat", "cp", "ls", "mount", "sh", "sleep")
_TOOLBOX_APPLETS = (
    *_PROXY_APPLETS,
    *("awk", "base64", "basename", "chmod", "cut", "date", "dd", "df", "dirname", "du", "echo", "env", "expr"),
    *("false", "find", "free", "grep", "head", "hostname", "httpd", "id", "ip", "kill", "ln", "md5sum", "mkdir"),
    *("mktemp", "mv", "nc", "netstat", "nproc", "nsenter", "nslookup", "ping", "printf", "ps", "pwd", "readlink"),
    *("rm", "rmdir", "route", "sed", "seq", "sha256sum", "sort", "stat", "sync", "sysctl", "tail", "tar", "tee"),
    *("telnet", "test", "time", "timeout", "top", "touch", "tr", "traceroute", "true", "truncate", "umount", "uname"),
    *("uniq", "uptime", "vi", "wc", "wget", "which", "whoami", "xargs", "yes"),
)
_IPTABLES = ("iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore")

_PROXY_SCRIPT = """\
#!/bin/sh
# kube-proxy raises the kernel's limit of tracked connections. Where a node is a container that the kernel does not let
# do so, a file of the node's own takes the limit's place, so that the configuration of a real node works unchanged.
limit=/proc/sys/net/netfilter/nf_conntrack_max
if [ -e $limit ] && ! (cat $limit > $limit) 2> /dev/null; then
    cat $limit > /tmp/nf_conntrack_max && mount --bind /tmp/nf_conntrack_max $limit
fi
exec /usr/local/libexec/kube-proxy "$@"
"""

_CONTROL_PLANE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")


def references(release: Release = versions.DEFAULT) -> dict[str, str]:
    """Return each image's full name; ``kubeadm config images list`` decides the tags of its own."""
    tags = {
        **dict.fromkeys((*_CONTROL_PLANE, "kube-proxy"), f"v{release.kubernetes}"),
        "pause": release.pause,
        "coredns": f"v{versions.COREDNS}",
        "flannel": f"v{versions.FLANNEL}",
        "metrics-server": f"v{versions.METRICS_SERVER}",
        "toolbox": "1",
    }
    return {name: f"{versions.IMAGE_REPOSITORY}/{name}:{tag}" for name, tag in tags.items()}


def before(release: Release) -> Release | None:
    """Return the lab's release of the minor before, if it has one.

    Nodes of the newer one run its kube-proxy until all nodes of their cluster are of the newer one.
    """
    known = sorted(versions.LAB_RELEASES, key=lambda each: int(each.minor.partition(".")[2]))
    older = known[: known.index(release)]
    return older[-1] if older else None


def images(release: Release, programs: Mapping[str, Path], debian: Mapping[str, Entry]) -> dict[str, Image]:
    """Return all images of a release by name, given compiled programs and the files of Debian's packages."""
    binary = {name: Entry(path) for name, path in programs.items()}
    called = references(release)

    def image(name: str, files: dict[str, Entry], entrypoint: str, user: str = "") -> Image:
        return Image(called[name], files, entrypoint, user)

    metrics_server = {"metrics-server": binary["metrics-server"]}
    flannel = {**_packet_filter(debian), "opt/bin/flanneld": binary["flanneld"]}
    return {
        **{name: image(name, {f"usr/local/bin/{name}": binary[name]}, name) for name in _CONTROL_PLANE},
        "kube-proxy": image("kube-proxy", _kube_proxy(binary, debian), "/usr/local/bin/kube-proxy"),
        "pause": image("pause", {"pause": binary["pause"]}, "/pause", user="65535:65535"),
        "coredns": image("coredns", {"coredns": binary["coredns"]}, "/coredns"),
        "flannel": image("flannel", flannel, "/opt/bin/flanneld"),
        "metrics-server": image("metrics-server", metrics_server, "/metrics-server", user="65534"),
        "toolbox": image("toolbox", _toolbox(debian), "/bin/sh"),
    }


def _kube_proxy(binary: Mapping[str, Entry], debian: Mapping[str, Entry]) -> dict[str, Entry]:
    return {
        **_packet_filter(debian),
        "usr/local/bin/kube-proxy": Entry(_PROXY_SCRIPT.encode()),
        "usr/local/libexec/kube-proxy": binary["kube-proxy"],
    }


def _packet_filter(debian: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return Debian's tools; a package's own script would choose iptables' variant, and no script runs here."""
    chosen = {f"usr/sbin/{name}": Entry(target="xtables-nft-multi") for name in _IPTABLES}
    return {**debian, **chosen, **_applets(_PROXY_APPLETS)}


def _toolbox(debian: Mapping[str, Entry]) -> dict[str, Entry]:
    alone = {path: entry for path, entry in debian.items() if path.startswith("usr/bin/busybox") or "/" not in path}
    accounts = {
        "etc/passwd": "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
        "etc/group": "root:x:0:\nnogroup:x:65534:\n",
        "etc/nsswitch.conf": "hosts: files dns\n",
    }
    texts = {path: Entry(text.encode(), 0o644) for path, text in accounts.items()}
    return {**alone, **texts, **_applets(_TOOLBOX_APPLETS)}


def _applets(names: tuple[str, ...]) -> dict[str, Entry]:
    """Return the commands that busybox is, by the names that it was called."""
    return {f"usr/bin/{name}": Entry(target="busybox") for name in names}

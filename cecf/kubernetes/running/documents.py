"""Values in the documents that components show, which are not quite those that they are given. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cecf.kubernetes.running.asking import UnreadableError
from cecf.tuning.kinds import Value

PRIMARY = "primary"
"""What kube-proxy replaces by the node's own addresses."""

_PER_MODE = ("syncPeriod", "minSyncPeriod", "masqueradeAll")
"""What kube-proxy is told for each of its modes, and keeps of its own only."""


def at(document: Any, path: Sequence[str]) -> Value:
    """Return what keys lead to; none where there is nothing. Some components write keys as Go names its fields."""
    for key in path:
        entries = (
            {str(name).lower(): value for name, value in document.items()} if isinstance(document, Mapping) else {}
        )
        document = entries.get(key.lower())
    return document


def of_kube_proxy(document: Mapping[str, Any], path: Sequence[str], addresses: Collection[str]) -> Value:
    """Return a value of what kube-proxy shows, by its path in what kube-proxy is given.

    It shows its inner form. `addresses` are the node's own.
    """
    value = at(document, _inner(path, at(document, ["mode"]) or "iptables"))
    if list(path) != ["nodePortAddresses"] or not value:
        return value
    own = {f"{address}/{128 if ':' in address else 32}" for address in addresses}
    return [PRIMARY] if own.issuperset(value) else value


def of_containerd(document: Mapping[str, Any], path: Sequence[str]) -> Value:
    """Return a value of containerd's dump. What is `cri` to people is a plugin, or in containerd 2 one of two."""
    first, *rest = path
    if first != "cri":
        return at(document, path)
    plugins = [plugin for name, plugin in document["plugins"].items() if ".cri" in name]
    return next((value for plugin in plugins if (value := at(plugin, rest)) is not None), None)


def _inner(path: Sequence[str], mode: str) -> Sequence[str]:
    first, *rest = path
    if first in ("conntrack", "oomScoreAdj"):
        return ["linux", *path]
    if first not in ("iptables", "ipvs", "nftables") or rest[0] not in _PER_MODE:
        return path
    # Masquerading is told to ipvs as a part of iptables.
    owner = "iptables" if mode == "ipvs" and rest == ["masqueradeAll"] else mode
    if first != owner:
        raise UnreadableError(f"kube-proxy is in the mode {mode}, and keeps nothing of {'.'.join(path)}")
    return ["linux", *rest] if rest == ["masqueradeAll"] else rest

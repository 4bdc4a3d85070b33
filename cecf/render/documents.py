"""Documents in YAML, in the order in which they are written here."""

from typing import Any

import yaml


def yaml_text(*documents: dict[str, Any]) -> str:
    """Return documents as one text."""
    return yaml.safe_dump_all(documents, sort_keys=False)


def mounted(name: str, path: str, kind: str = "File", *, writable: bool = False) -> dict[str, Any]:
    """Return what kubeadm calls an extra volume: a path of the server, in a component's pod at the same place."""
    return {"name": name, "hostPath": path, "mountPath": path, "readOnly": not writable, "pathType": kind}

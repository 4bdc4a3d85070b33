"""Declarations that many tests use."""

from typing import Any

from tests.kubernetes_plugin.kubelet import FATE


def pods(fate: str = "", **spec: Any) -> dict[str, Any]:
    """Return a template of pods with a fate."""
    container = {"name": "main", "image": "cecf.local/toolbox:1", "resources": {"requests": {"cpu": "0.1"}}}
    return {
        "metadata": {"labels": {"app": "test"}, "annotations": {FATE: fate}},
        "spec": {"containers": [container | spec.pop("container", {})], **spec},
    }


def workload(fate: str = "", **spec: Any) -> dict[str, Any]:
    """Return what a controller of pods is to do."""
    return {"selector": {"matchLabels": {"app": "test"}}, "template": pods(fate), **spec}

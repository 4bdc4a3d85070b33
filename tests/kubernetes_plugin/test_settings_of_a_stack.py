"""A provider whose cluster comes with the same run, whose user changes, whose API is gone: on the real engine."""

import json
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi import automation

from tests.kubernetes_plugin.control_plane import ControlPlane
from tests.kubernetes_plugin.program import Program


def test_a_cluster_that_comes_with_the_run(plane: ControlPlane, stack: Program) -> None:
    """The preview knows no kubeconfig, and goes on; nor does a new user of the cluster replace anything."""

    def declare(options: pulumi.ResourceOptions, comment: str = "") -> None:
        first = k8s.core.v1.ConfigMap("first", metadata={"name": "first-of-run"}, opts=options)
        # The comment makes another kubeconfig of it, as a renewed certificate would.
        later = first.metadata.uid.apply(lambda _uid: json.dumps(json.loads(plane.credentials) | {"comment": comment}))
        inner = k8s.Provider("inner", kubeconfig=pulumi.Output.secret(later))
        own = pulumi.ResourceOptions(provider=inner)
        k8s.core.v1.ConfigMap("second", metadata={"name": "second-of-run"}, data={"a": "b"}, opts=own)

    assert stack.preview(declare) == {"create": 5}
    stack.up()
    assert plane.get("configmap", "second-of-run")["data"] == {"a": "b"}
    assert stack.changes() == {}
    assert stack.changes(lambda options: declare(options, "renewed")) == {"update": 1}


def test_a_cluster_that_is_gone(plane: ControlPlane, stack: Program) -> None:
    """Its objects leave the state on demand only."""

    def declare(options: pulumi.ResourceOptions) -> None:
        own = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="2s", update="2s", delete="2s"))
        merged = pulumi.ResourceOptions.merge(options, own)
        k8s.core.v1.ConfigMap("a", metadata={"name": "of-the-gone"}, data={"a": "b"}, opts=merged)

    stack.provider["cluster_identifier"] = "the same"
    stack.up(declare)
    gone: dict[str, Any] = json.loads(plane.credentials)
    gone["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    stack.credentials = json.dumps(gone)
    assert stack.changes() == {"update": 1}
    with pytest.raises(automation.CommandError):
        stack.destroy()
    assert "the cluster at https://127.0.0.1:1 cannot be reached (connection refused); if it is gone" in stack.said
    stack.provider["delete_unreachable"] = True
    assert stack.changes() == {"update": 1}
    stack.destroy()
    assert stack.resources() == {}

"""The life of a stack's objects on a real engine and a real API server."""

from collections.abc import Callable

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi import automation

from tests.kubernetes_plugin.control_plane import ControlPlane
from tests.kubernetes_plugin.objects import workload
from tests.kubernetes_plugin.program import Program

Declare = Callable[[pulumi.ResourceOptions], None]
PASSWORD = "not-for-everyone"  # noqa: S105


def application(namespace: str, value: str = "one", replicas: int = 2) -> Declare:
    """Declare what most programs consist of."""

    def declare(options: pulumi.ResourceOptions) -> None:
        home = k8s.core.v1.Namespace("home", metadata={"name": namespace}, opts=options)
        inside = {"namespace": home.metadata["name"]}
        settings = k8s.core.v1.ConfigMap("settings", metadata=inside, data={"value": value}, opts=options)
        k8s.core.v1.Secret(
            "login", metadata={**inside, "name": "login"}, string_data={"password": PASSWORD}, opts=options
        )
        k8s.apps.v1.Deployment(
            "app",
            metadata={**inside, "name": "app", "annotations": {"settings": settings.metadata["name"]}},
            spec=workload(replicas=replicas),
            opts=options,
        )
        service = k8s.core.v1.Service(
            "app",
            metadata={**inside, "name": "app"},
            spec={"selector": {"app": "test"}, "ports": [{"port": 80}]},
            opts=options,
        )
        pulumi.export("address", service.spec.cluster_ip)
        pulumi.export("settings", settings.metadata["name"])

    return declare


def test_an_application_comes_stays_changes_and_goes(plane: ControlPlane, stack: Program) -> None:
    """Also: an unchanged program changes nothing, nor does a refresh of an untouched cluster."""
    assert stack.preview(application("life")) == {"create": 7}
    first = stack.up()
    assert first.outputs["address"].value.startswith("10.96.")
    assert plane.get("deployment", "app", "--namespace=life")["status"]["availableReplicas"] == 2
    assert stack.changes() == {}
    assert stack.refresh() == {}
    assert stack.preview() == {}
    assert stack.changes(application("life", replicas=3)) == {"update": 1}
    assert plane.get("deployment", "app", "--namespace=life")["status"]["availableReplicas"] == 3
    changed = stack.up(application("life", value="two", replicas=3))
    # The name is the plugin's, so the new one comes first, and its users follow.
    assert changed.summary.resource_changes == {"replace": 1, "update": 1, "same": 5}
    assert changed.outputs["settings"].value != first.outputs["settings"].value
    assert len(plane.get("configmaps", "--namespace=life", "--selector=!none")["items"]) == 2
    stack.destroy()
    assert plane.kubectl("get", "namespace", "life", "--ignore-not-found") == ""


def test_what_others_change_is_seen_and_mended(plane: ControlPlane, stack: Program) -> None:
    """Drift shows after a refresh; a deleted object is made anew."""
    stack.up(application("drift"))
    plane.kubectl("scale", "deployment/app", "--replicas=1", "--namespace=drift")
    plane.kubectl("label", "deployment/app", "someone=else", "--namespace=drift")
    plane.kubectl("delete", "service/app", "--namespace=drift")
    assert stack.preview() == {}
    assert stack.refresh() == {"update": 1, "delete": 1}
    assert stack.changes() == {"update": 1, "create": 1}
    app = plane.get("deployment", "app", "--namespace=drift")
    assert app["spec"]["replicas"] == 2
    assert app["metadata"]["labels"] == {"someone": "else"}
    assert stack.refresh() == {}


def test_secrets_are_nowhere_in_plain_text(stack: Program) -> None:
    """Neither in the state nor in what a run says, be it by what it changes."""

    def declare(options: pulumi.ResourceOptions, password: str = PASSWORD) -> None:
        k8s.core.v1.Secret("login", metadata={"name": "plain"}, string_data={"password": password}, opts=options)
        note = pulumi.Output.secret(password)
        k8s.core.v1.ConfigMap("note", metadata={"name": "note"}, data={"open": "yes", "note": note}, opts=options)

    stack.up(declare)
    said = stack.said
    stack.up(lambda options: declare(options, f"{PASSWORD}-later"))
    said += stack.said
    stack.refresh()
    for text in (stack.state(), said, stack.said):
        assert PASSWORD not in text
        assert "bm90LWZvci1ldmVyeW9uZ" not in text
    assert "client-key-data" not in stack.state()
    assert '"open":"yes"' in stack.state().replace(" ", "")


def test_an_object_with_a_name_is_deleted_before_its_successor_comes(plane: ControlPlane, stack: Program) -> None:
    """Two objects cannot have one name."""

    def declare(options: pulumi.ResourceOptions, label: str) -> None:
        spec = {
            "selector": {"matchLabels": {"app": label}},
            "template": {"metadata": {"labels": {"app": label}}, "spec": workload()["template"]["spec"]},
        }
        k8s.apps.v1.Deployment("app", metadata={"name": "successor"}, spec=spec, opts=options)

    stack.up(lambda options: declare(options, "one"))
    before = plane.get("deployment", "successor")["metadata"]["uid"]
    assert stack.changes(lambda options: declare(options, "two")) == {"replace": 1}
    after = plane.get("deployment", "successor")
    assert after["metadata"]["uid"] != before
    assert after["spec"]["selector"] == {"matchLabels": {"app": "two"}}


def test_a_definition_and_its_objects_come_and_go_in_one_run(plane: ControlPlane, stack: Program) -> None:
    """The objects wait until the API server serves their kind."""

    def declare(options: pulumi.ResourceOptions) -> None:
        schema = {"type": "object", "x_kubernetes_preserve_unknown_fields": True}
        for scope, plural, kind in (("Namespaced", "widgets", "Widget"), ("Cluster", "gadgets", "Gadget")):
            k8s.apiextensions.v1.CustomResourceDefinition(
                plural,
                metadata={"name": f"{plural}.example.test"},
                spec={
                    "group": "example.test",
                    "scope": scope,
                    "names": {"plural": plural, "kind": kind},
                    "versions": [
                        {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
                    ],
                },
                opts=options,
            )
            k8s.apiextensions.CustomResource(
                kind,
                api_version="example.test/v1",
                kind=kind,
                metadata={"name": kind.lower()},
                spec={"size": "1000m", "parts": [{"name": "a"}]},
                opts=options,
            )

    assert stack.preview(declare) == {"create": 6}
    stack.up()
    assert plane.get("widget", "widget", "--namespace=default")["spec"]["parts"] == [{"name": "a"}]
    assert stack.resources()["Gadget"]["id"] == "gadget"
    assert stack.changes() == {}
    assert stack.refresh() == {}
    stack.destroy()
    assert plane.kubectl("get", "crd", "widgets.example.test", "--ignore-not-found") == ""


def test_a_namespace_and_a_job_in_it(stack: Program) -> None:
    """The run ends when the job has."""

    def declare(options: pulumi.ResourceOptions) -> None:
        home = k8s.core.v1.Namespace("home", metadata={"name": "work"}, opts=options)
        template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "none"}]}}
        job = k8s.batch.v1.Job(
            "job", metadata={"namespace": home.metadata["name"]}, spec={"template": template}, opts=options
        )
        pulumi.export("succeeded", job.status.succeeded)

    assert stack.up(declare).outputs["succeeded"].value == 1
    assert stack.changes() == {}
    assert stack.refresh() == {}


def test_an_object_that_nobody_of_the_stack_has_made_is_left_alone(plane: ControlPlane, stack: Program) -> None:
    """Its creation fails, and says how it can be had."""
    plane.kubectl("create", "configmap", "of-someone", "--from-literal=a=b")

    def declare(options: pulumi.ResourceOptions) -> None:
        k8s.core.v1.ConfigMap("mine", metadata={"name": "of-someone"}, data={"a": "c"}, opts=options)

    with pytest.raises(automation.CommandError, match="ConfigMap default/of-someone is there already"):
        stack.up(declare)
    assert plane.get("configmap", "of-someone")["data"] == {"a": "b"}
    stack.provider["upsert_existing_objects"] = True
    stack.provider["enable_patch_force"] = True
    assert stack.changes()["create"] == 1
    assert plane.get("configmap", "of-someone")["data"] == {"a": "c"}


def test_an_object_of_the_cluster_can_be_looked_up_and_imported(plane: ControlPlane, stack: Program) -> None:
    """`get` reads it; `import_` takes it over as it is."""
    plane.kubectl("create", "configmap", "there", "--from-literal=a=b")

    def declare(options: pulumi.ResourceOptions) -> None:
        found = k8s.core.v1.ConfigMap.get("found", "default/there", opts=options)
        pulumi.export("data", found.data)
        own = pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(import_="default/there"))
        metadata = {"name": "there", "namespace": "default"}
        k8s.core.v1.ConfigMap("taken", metadata=metadata, data={"a": "b"}, opts=own)

    assert stack.up(declare).outputs["data"].value == {"a": "b"}
    assert stack.changes() == {}

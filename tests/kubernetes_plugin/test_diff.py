"""What a change of the program amounts to: nothing, an update, or a replacement."""

from typing import Any

import pytest

from lab.engine.kubernetes import diff, settings
from lab.engine.kubernetes.kinds import from_api_version
from lab.engine.kubernetes.values import UNKNOWN, Secret

NAMED: dict[str, Any] = {"metadata": {"name": "a", "namespace": "b"}}
AUTONAMED = {"metadata": {"name": "a-1234", "namespace": "b", "annotations": {"pulumi.com/autonamed": "true"}}}


def compare(api_version: str, kind: str, old: Any, new: Any, mutable: frozenset[str] = frozenset()) -> diff.Differences:
    """Compare two declarations of one object, in a namespace."""
    return diff.differences(
        from_api_version(api_version, kind), NAMED | old, NAMED | new, namespaced=True, mutable=mutable
    )


def at(path: str, value: Any) -> dict[str, Any]:
    """Return an object with a value at a path, or without it for none."""
    first, _, rest = path.partition(".")
    if value is None:
        return {}
    return {first: at(rest, value) if rest else value}


@pytest.mark.parametrize(
    ("kind", "path", "old", "new", "replaced"),
    [
        ("v1 ConfigMap", "data.a", "b", "c", True),
        ("v1 Secret", "stringData.a", "b", "c", True),
        ("v1 Secret", "type", "Opaque", "other", True),
        ("v1 Pod", "spec.nodeName", "b", "c", True),
        ("v1 Pod", "spec.activeDeadlineSeconds", 1, 2, False),
        ("v1 Service", "spec.type", "ClusterIP", "NodePort", False),
        ("v1 Service", "spec.clusterIP", "None", "10.0.0.1", True),
        ("v1 Service", "spec.clusterIP", None, "None", True),
        ("v1 PersistentVolumeClaim", "spec.storageClassName", "b", None, True),
        ("v1 PersistentVolumeClaim", "spec.resources.requests.storage", "1Gi", "2Gi", False),
        ("v1 PersistentVolume", "spec.local.path", "b", "c", True),
        ("apps/v1 Deployment", "spec.replicas", 1, 2, False),
        ("apps/v1 Deployment", "spec.selector.matchLabels.a", "b", "c", True),
        ("apps/v1 Deployment", "spec.selector.matchLabels", {"a": "b"}, None, True),
        ("apps/v1 DaemonSet", "spec.selector.matchLabels.a", None, "b", True),
        ("apps/v1 StatefulSet", "spec.serviceName", "b", "c", True),
        ("batch/v1 Job", "spec.template.list", [1], [2], True),
        ("batch/v1 Job", "spec.ttlSecondsAfterFinished", 1, 2, False),
        ("storage.k8s.io/v1 StorageClass", "provisioner", "b", "c", True),
        ("scheduling.k8s.io/v1 PriorityClass", "value", 1, 2, True),
        ("scheduling.k8s.io/v1 PriorityClass", "description", "b", "c", False),
        ("rbac.authorization.k8s.io/v1 RoleBinding", "roleRef.name", "b", "c", True),
        ("rbac.authorization.k8s.io/v1 Role", "rules", [1], [2], False),
        ("example.test/v1 Deployment", "spec.selector", 1, 2, False),
    ],
)
def test_what_cannot_change_is_replaced(kind: str, path: str, old: Any, new: Any, *, replaced: bool) -> None:
    api_version, name = kind.split()
    found = compare(api_version, name, at(path, old), at(path, new))
    assert found.fields
    assert bool(found.replaces) is replaced


@pytest.mark.parametrize("metadata", [{"name": "x", "namespace": "b"}, {"name": "a", "namespace": "x"}, {"name": "a"}])
def test_another_name_or_namespace_is_another_object(metadata: dict[str, str]) -> None:
    assert compare("v1", "Service", {}, {"metadata": metadata}).replaces


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"data": {"a": "b"}}, {"data": {"a": "b", "c": None}}),
        ({"data": {"a": Secret("b")}}, {"data": {"a": "b"}}),
        ({"metadata": {**NAMED["metadata"], "uid": "1", "creationTimestamp": "2"}}, {}),
        ({"status": {"phase": "a"}}, {"status": {"phase": "b"}}),
    ],
)
def test_what_makes_no_difference_is_none(old: Any, new: Any) -> None:
    assert compare("v1", "ConfigMap", old, new).fields == ()


def test_plain_text_instead_of_data_is_no_difference() -> None:
    assert compare("v1", "Secret", {"data": {"a": "Yg=="}}, {"stringData": {"a": "b"}}).fields == ()


def test_data_may_be_mutable_unless_the_object_says_otherwise() -> None:
    mutable = frozenset({"ConfigMap"})
    assert compare("v1", "ConfigMap", {"data": {"a": "b"}}, {"data": {"a": "c"}}, mutable).replaces == ()
    sealed = {"immutable": True, "data": {"a": "b"}}
    assert compare("v1", "ConfigMap", sealed, sealed | {"data": {"a": "c"}}, mutable).replaces == ("data.a",)
    assert compare("v1", "ConfigMap", sealed, {"data": {"a": "b"}}, mutable).replaces == ("immutable",)


def test_an_object_of_no_namespace_is_not_replaced_for_one() -> None:
    kind = from_api_version("v1", "Namespace")
    found = diff.differences(kind, NAMED, {"metadata": {"name": "a", "labels": {"x": "y"}}}, namespaced=False)
    assert [str(each) for each in found.fields] == ["metadata.labels"]
    assert found.replaces == ()


def test_the_old_one_goes_first_where_the_name_stays() -> None:
    one, two = {"data": {"a": "b"}}, {"data": {"a": "c"}}
    assert compare("v1", "ConfigMap", one, two).delete_first
    assert not compare("v1", "ConfigMap", one | AUTONAMED, two | AUTONAMED).delete_first
    assert not compare("v1", "ConfigMap", one, two | {"metadata": {"name": "x", "namespace": "b"}}).delete_first
    assert not compare("apps/v1", "Deployment", {"spec": 1}, {"spec": 2}).delete_first


def test_what_is_not_known_yet_is_a_change() -> None:
    (found,) = compare("v1", "Service", {"spec": {"ports": [1]}}, {"spec": {"ports": UNKNOWN}}).fields
    assert (str(found), found.how, found.replaces) == ("spec.ports", "UPDATE", False)


def test_paths_are_written_as_the_engine_reads_them() -> None:
    old = {"metadata": {**NAMED["metadata"], "labels": {"a.b/c": "1"}}, "spec": {"ports": [{"port": 1}]}}
    new = {"metadata": {**NAMED["metadata"], "labels": {}}, "spec": {"ports": [{"port": 2}, {"port": 3}]}}
    found = compare("v1", "Service", old, new).fields
    assert [(str(each), each.how) for each in found] == [
        ('metadata.labels["a.b/c"]', "DELETE"),
        ("spec.ports[0].port", "UPDATE"),
        ("spec.ports[1]", "ADD"),
    ]


def config(server: str, **user: str) -> dict[str, Any]:
    """Return provider settings that lead to a server."""
    return {
        "kubeconfig": {
            "clusters": [{"name": "c", "cluster": {"server": server}}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
    }


HERE, THERE = config("https://a"), config("https://b")
OTHER_USER = config("https://a", username="other")


@pytest.mark.parametrize(
    ("old", "new", "changed", "replaces"),
    [
        (HERE, HERE, [], []),
        (HERE, OTHER_USER, ["kubeconfig"], []),
        (HERE, THERE, ["kubeconfig"], ["kubeconfig"]),
        (HERE, {"kubeconfig": UNKNOWN}, ["kubeconfig"], []),
        (HERE, HERE | {"namespace": "n"}, ["namespace"], []),
        (HERE, HERE | {"context": "none"}, ["context"], []),
        (HERE | {"clusterIdentifier": "1"}, THERE | {"clusterIdentifier": "1"}, ["kubeconfig"], []),
        (
            HERE | {"clusterIdentifier": "1"},
            HERE | {"clusterIdentifier": "2"},
            ["clusterIdentifier"],
            ["clusterIdentifier"],
        ),
    ],
)
def test_only_another_cluster_replaces_the_provider(
    old: Any, new: Any, changed: list[str], replaces: list[str]
) -> None:
    found = settings.compare(old, new)
    assert (list(found.changed), list(found.replaces)) == (changed, replaces)

"""What the viewers may do: read, and no Secrets."""

from cecf.render import addons


def test_viewers_read_and_do_nothing_else() -> None:
    (role,) = [each for each in addons.viewers() if each["kind"] == "ClusterRole"]
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"get", "list", "watch"}
    named = {
        (group, resource) for rule in role["rules"] for group in rule["apiGroups"] for resource in rule["resources"]
    }
    assert {("", "nodes"), ("metrics.k8s.io", "nodes"), ("metrics.k8s.io", "pods")} <= named
    assert not {resource for _, resource in named} & {"secrets", "*", "nodes/proxy", "pods/exec"}


def test_only_their_group_is_bound_to_that_and_to_kubernetes_own_role_of_the_kind() -> None:
    bindings = [each for each in addons.viewers() if each["kind"] == "ClusterRoleBinding"]
    assert [each["roleRef"]["name"] for each in bindings] == ["cecf:viewers", "view"]
    group = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "cecf:viewers"}
    assert [each["subjects"] for each in bindings] == [[group], [group]]

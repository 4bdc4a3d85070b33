"""The generated parts of a component's page: what it is, its arguments and its outputs, from the types."""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping

from pulumi.dynamic import Resource

import cecf_components as package
from cecf_components.addon import AddonArgs
from cecf_components.api_endpoint import ApiEndpointArgs
from cecf_components.cluster_network import ClusterNetworkArgs
from cecf_components.control_plane import ControlPlaneArgs
from cecf_components.elastic_cluster import ElasticClusterArgs
from cecf_components.etcd_cluster import EtcdClusterArgs
from cecf_components.kubernetes import KubernetesArgs
from cecf_components.node import NodeArgs
from cecf_components.security_groups import SecurityGroupsArgs
from cecf_components.spread_nodes import SpreadNodesArgs
from docs.generator.markdown import annotations, attribute_docstrings, code, one_line, parameters, table, written_bases

COMPONENTS: Mapping[type, type | None] = {
    package.ElasticCluster: ElasticClusterArgs,
    package.ClusterNetwork: ClusterNetworkArgs,
    package.SecurityGroups: SecurityGroupsArgs,
    package.ApiEndpoint: ApiEndpointArgs,
    package.ControlPlane: ControlPlaneArgs,
    package.WorkerPool: SpreadNodesArgs,
    package.Node: NodeArgs,
    package.EtcdCluster: EtcdClusterArgs,
    package.EtcdServers: SpreadNodesArgs,
    package.ClusterPki: None,
    package.Certificate: None,
    package.Kubernetes: KubernetesArgs,
    package.ApiReady: None,
    package.NodeReady: None,
    package.MemberReady: None,
    package.Turn: None,
    package.Addon: AddonArgs,
    package.SpreadCheck: None,
}
"""Each component with the type of its `args`; none where the constructor takes them one by one."""

WIRING = {
    "network_id": "Id of the network that the port is in.",
    "subnet_id": "Id of the subnet that the port's address is from.",
    "security_group_id": "Id of the security group of the node's role.",
    "server_group_id": "Id of the server group that the server is scheduled in.",
    "cloud": "The entry of clouds.yaml to ask.",
    "cluster": "The cluster's name.",
}
"""Arguments that neither the types nor the constructors describe."""


def parts() -> Mapping[str, Mapping[str, list[str]]]:
    """Return the generated parts of each component's page, by the page's name."""
    return {
        page_name(component): {
            "summary": list(_summary(component)),
            "arguments": list(_table(arguments(component))),
            "outputs": list(_table(outputs(component))),
        }
        for component in COMPONENTS
    }


def page_name(component: type) -> str:
    """Return the name of a component's page: `ClusterNetwork` is `cluster-network`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", component.__name__).lower()


def token(component: type) -> str:
    """Return the type under which the engine knows a component."""
    module = "pulumi-python:dynamic/cecf" if issubclass(component, Resource) else "cecf:index"
    return f"{module}:{component.__name__}"


def arguments(component: type) -> dict[str, tuple[str, str]]:
    """Return the type and the description of each argument."""
    args = COMPONENTS[component]
    if args is None:
        taken = {name: text for name, text in parameters(component).items() if name not in ("name", "opts")}
        return {name: (_plain(text), _told(component, name) or WIRING.get(name, "")) for name, text in taken.items()}
    return _described(written_bases(args))


def outputs(component: type) -> dict[str, tuple[str, str]]:
    """Return the type and the description of each public attribute."""
    return _described(cls for cls in reversed(component.__mro__) if cls.__module__.startswith(package.__name__))


def _described(classes: Iterable[type]) -> dict[str, tuple[str, str]]:
    """Return the type and the description of each annotation in the bodies of classes."""
    found: dict[str, tuple[str, str]] = {}
    for cls in classes:
        docstrings = attribute_docstrings(cls)
        for name, text in annotations(cls).items():
            found[name] = (_plain(text), docstrings.get(name) or WIRING.get(name, ""))
    return found


def _told(component: type, argument: str) -> str:
    """Return what the constructor's docstring says of an argument after its name."""
    constructor = inspect.getdoc(component.__dict__["__init__"]) or ""
    told = re.search(rf"`{argument}`:? (.+)", one_line(constructor))
    return told[1] if told else ""


def _summary(component: type) -> Iterator[str]:
    module = f"{component.__module__.replace('.', '/')}.py"
    yield f"{one_line(component.__doc__ or '')}"
    yield ""
    yield f"Type {code(token(component))}, in [{module}](../../{module})."


def _table(described: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    if not described:
        return iter(["None."])
    return table(
        ("name", "type", "description"), ((code(name), code(kind), text) for name, (kind, text) in described.items())
    )


def _plain(annotation: str) -> str:
    """Return an annotation as people say it."""
    return annotation.replace("pulumi.", "")

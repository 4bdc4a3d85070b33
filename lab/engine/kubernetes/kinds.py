"""Kinds of objects: from a resource's token, and what is known of them without asking the API server."""

from dataclasses import dataclass
from typing import Any

_PACKAGE = "kubernetes"

_GROUPS = frozenset(
    {
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    }
)
"""The API groups that every cluster has."""

_CLUSTER_WIDE = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IPAddress",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "ServiceCIDR",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)
"""Kinds of those groups that lie in no namespace."""

_ELSEWHERE = {"yaml", "helm", "helm.sh", "kustomize"}
"""Parts of the package that are programs in the official plugin and no objects of the API."""


class UnservedError(Exception):
    """The stand-in does not serve this; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object in one version of one API group."""

    group: str
    version: str
    name: str

    @property
    def api_version(self) -> str:
        """The group and version as an object writes them."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def path(self) -> str:
        """Where the API serves the group's version."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    @property
    def is_built_in(self) -> bool:
        """Whether every cluster has it."""
        return self.group in _GROUPS

    @property
    def namespaced(self) -> bool | None:
        """Whether its objects lie in a namespace; None where only the cluster can tell."""
        return self.name not in _CLUSTER_WIDE if self.is_built_in else None

    def __str__(self) -> str:
        return f"{self.api_version} {self.name}"


CUSTOM_RESOURCE_DEFINITION = Kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
NAMESPACE = Kind("", "v1", "Namespace")
POD = Kind("", "v1", "Pod")
EVENT = Kind("", "v1", "Event")


def from_api_version(api_version: str, name: str) -> Kind:
    """Read a kind from an object's `apiVersion` and `kind`."""
    group, _, version = api_version.rpartition("/")
    return Kind("" if group == "core" else group, version, name)


def from_token(token: str) -> Kind:
    """Read a kind from a resource's token, for example `kubernetes:apps/v1:Deployment`."""
    package, _, rest = token.partition(":")
    module, _, name = rest.rpartition(":")
    if package != _PACKAGE or not module or not name:
        raise UnservedError(f"'{token}' is no resource of the Kubernetes plugin")
    if module.split("/")[0] in _ELSEWHERE:
        raise UnservedError(
            f"'{token}' is not in the stand-in for the Kubernetes plugin: it serves objects of the API only; "
            "declare them one by one, or install the official plugin"
        )
    return from_api_version(module, name)


def of_resource(urn: str, inputs: dict[str, Any]) -> Kind:
    """Return the kind of a resource, and refuse those that are no object of the API."""
    kind = from_token(token_of(urn))
    if kind.is_built_in and kind.name.endswith("List"):
        raise UnservedError(f"{kind} is a list and cannot be created: declare its objects one by one")
    if kind.name.endswith("Patch") and inputs.get("kind") in {kind.name.removesuffix("Patch"), None}:
        raise UnservedError(
            f"'{token_of(urn)}' is not in the stand-in for the Kubernetes plugin: declare the whole object, "
            "or install the official plugin"
        )
    return kind


def token_of(urn: str) -> str:
    """Return the resource's own token from its URN."""
    return urn.split("::")[2].rpartition("$")[2]


def name_of(urn: str) -> str:
    """Return the resource's name in the program."""
    return urn.split("::", 3)[3]

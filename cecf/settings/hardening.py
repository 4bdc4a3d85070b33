"""How far the API servers are closed, and what they write down."""

from typing import Literal

from cecf.settings.base import Model

AuditPolicy = Literal["metadata", "writes", "none"]
"""How much is written down of each request; not `off`, which some readers of YAML take for `false`."""

PodSecurityLevel = Literal["privileged", "baseline", "restricted"]
"""Kubernetes' Pod Security Standards, from anything to next to nothing."""


class AuditSettings(Model):
    """The record of who asked the API for what. How long it is kept is tuned: `kube-apiserver.audit-log-*`."""

    policy: AuditPolicy = "writes"
    """`metadata`: who asked for what, when, from where, and the answer's status. `writes`: for what changes something
    also what was sent, but for Secrets, ConfigMaps and tokens. `none`: no record. A change replaces the control
    planes."""


class PodSecuritySettings(Model):
    """What pods may be in namespaces without a label of their own; `kube-system` and `kube-flannel` are exempt."""

    enforce: PodSecurityLevel = "baseline"
    """What a pod must keep to be let in. `baseline`: no privileges, no network, processes or files of the host.
    `restricted`: besides, no root. A namespace's label `pod-security.kubernetes.io/enforce` says otherwise for it. A
    change replaces the control planes."""
    warn: PodSecurityLevel = "restricted"
    """What a person is warned of who makes a pod that does not keep it."""
    audit: PodSecurityLevel = "restricted"
    """What the audit record notes of a pod that does not keep it."""

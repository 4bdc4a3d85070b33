"""The provider's own settings, and whether a change of them leads to another cluster."""

import json
import os
from dataclasses import dataclass
from typing import Any

from lab.engine.kubernetes.faults import ConfigurationError
from lab.engine.kubernetes.kubeconfig import Connection, active_cluster, connection, parse
from lab.engine.kubernetes.values import UNKNOWN, Object, plain

KUBECONFIG = "kubeconfig"
_PLACE = (KUBECONFIG, "context", "cluster")
_IDENTIFIER = "clusterIdentifier"

_SWITCHES = {
    "deleteUnreachable": "PULUMI_K8S_DELETE_UNREACHABLE",
    "enableConfigMapMutable": "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
    "enablePatchForce": "PULUMI_K8S_ENABLE_PATCH_FORCE",
    "enableSecretMutable": "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
    "skipUpdateUnreachable": "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE",
    "upsertExistingObjects": "PULUMI_K8S_UPSERT_EXISTING_OBJECTS",
}
_MUTABLE = {"ConfigMap": "enableConfigMapMutable", "Secret": "enableSecretMutable"}
_APPLY = "enableServerSideApply"
_IGNORED = frozenset(
    {
        *("helmReleaseSettings", "kubeClientSettings", "rejectUnknownResources", "strictMode"),
        *("suppressDeprecationWarnings", "suppressHelmHookWarnings", "version", "pluginDownloadURL", "__internal"),
    }
)
"""Settings that make no difference to what the stand-in does."""

_KNOWN = frozenset({*_PLACE, *_SWITCHES, *_IGNORED, _APPLY, _IDENTIFIER, "namespace"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the program, or the environment, decides for all resources of one provider."""

    kubeconfig: Any = None
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    delete_unreachable: bool = False
    mutable: frozenset[str] = frozenset()
    """The kinds whose data may change in place: `ConfigMap`, `Secret`."""
    force: bool = False
    skip_unreachable: bool = False
    upsert: bool = False

    def connection(self) -> Connection:
        """Return the way to the cluster. Raises `ConfigurationError`, also while the kubeconfig is not known yet."""
        if self.kubeconfig is UNKNOWN:
            raise ConfigurationError("the provider's `kubeconfig` is not known yet")
        source = self.kubeconfig or os.environ.get("KUBECONFIG")
        if not source:
            raise ConfigurationError("the provider has no `kubeconfig`: give it the content or the path of one")
        return connection(parse(source), context=self.context, cluster=self.cluster, namespace=self.namespace)


def read(arguments: Object) -> Settings:
    """Read the settings, each as a value of its own type or as JSON in text, as older engines send them."""
    values = plain(arguments)
    return Settings(
        kubeconfig=values.get(KUBECONFIG),
        context=_text(values, "context"),
        cluster=_text(values, "cluster"),
        namespace=_text(values, "namespace"),
        delete_unreachable=_switch(values, "deleteUnreachable"),
        mutable=frozenset(kind for kind, name in _MUTABLE.items() if _switch(values, name)),
        force=_switch(values, "enablePatchForce"),
        skip_unreachable=_switch(values, "skipUpdateUnreachable"),
        upsert=_switch(values, "upsertExistingObjects"),
    )


def problems(arguments: Object) -> list[tuple[str, str]]:
    """List the settings that cannot be served, each with the reason."""
    values = plain(arguments)
    found = [
        (name, f"the stand-in for the Kubernetes plugin does not know the setting '{name}': leave it out")
        for name in values
        if name not in _KNOWN
    ]
    apply = values.get(_APPLY)
    if apply is not None and apply is not UNKNOWN and not _is_true(apply):
        found.append((_APPLY, "the stand-in for the Kubernetes plugin applies on the server only: leave it true"))
    if all(values.get(name) is not UNKNOWN for name in _PLACE) and values.get(KUBECONFIG):
        try:
            read(values).connection()
        except ConfigurationError as error:
            found.append((KUBECONFIG, str(error)))
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of the settings amounts to."""

    changed: tuple[str, ...]
    replaces: tuple[str, ...]


def compare(old: Object, new: Object) -> Change:
    """Compare settings: only those that lead to another cluster replace the provider, and with it all its objects."""
    old, new = plain(old), plain(new)
    changed = tuple(sorted(key for key in {*old, *new} if old.get(key) != new.get(key) or new.get(key) is UNKNOWN))
    if old.get(_IDENTIFIER) and new.get(_IDENTIFIER):
        return Change(changed, (_IDENTIFIER,) if _IDENTIFIER in changed else ())
    place = tuple(key for key in _PLACE if key in changed)
    return Change(changed, place if place and _is_elsewhere(old, new) else ())


def _is_elsewhere(old: Object, new: Object) -> bool:
    if any(new.get(key) is UNKNOWN for key in _PLACE):
        # A kubeconfig that is made anew in the same run: of the same cluster, as far as anyone can tell.
        return False
    servers = _server(old), _server(new)
    return None not in servers and servers[0] != servers[1]


def _server(values: Object) -> str | None:
    if not values.get(KUBECONFIG):
        return None
    try:
        document = parse(values[KUBECONFIG])
    except ConfigurationError:
        return None
    active = active_cluster(document, _text(values, "context"), _text(values, "cluster"))
    return None if active is None else str(active[1].get("server"))


def _text(values: Object, name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _switch(values: Object, name: str) -> bool:
    value = values.get(name)
    return _is_true(os.environ.get(_SWITCHES[name], "") if value in (None, "") else value)


def _is_true(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() in {"true", "1"})


def from_variables(variables: dict[str, str]) -> Object:
    """Read settings as `Configure` of older engines has them: `kubernetes:config:<name>` to text."""
    return {key.rpartition(":")[2]: _from_text(value) for key, value in variables.items()}


def _from_text(text: str) -> Any:
    if text in {"true", "false"}:
        return json.loads(text)
    return text

"""A kubeconfig: which server, whom to trust, and as whom to speak to it.

Nothing of a kubeconfig's content is ever part of a message, since it holds credentials.
"""

import base64
import binascii
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lab.engine.kubernetes.faults import ConfigurationError
from lab.engine.kubernetes.values import dig

_REFUSED_USER = ("exec", "auth-provider", "as", "as-groups", "as-user-extra", "username", "password")
_REFUSED_CLUSTER = ("proxy-url",)
_PATH_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Connection:
    """What is needed to speak to one cluster as one user."""

    server: str
    ca: str | None = None
    insecure: bool = False
    server_name: str | None = None
    certificate: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    token_file: str | None = None
    namespace: str = "default"


def parse(kubeconfig: str | dict[str, Any]) -> dict[str, Any]:
    """Read a kubeconfig from its content (YAML or JSON) or from the path of its file."""
    if isinstance(kubeconfig, dict):
        return kubeconfig
    if _is_path(kubeconfig):
        path = Path(kubeconfig).expanduser()
        try:
            kubeconfig = path.read_text()
        except OSError as error:
            raise ConfigurationError(f"the kubeconfig file {path} cannot be read: {error.strerror}") from None
    document = _load(kubeconfig)
    if not isinstance(document, dict) or not document.get("clusters"):
        raise ConfigurationError("the provider's `kubeconfig` is neither a kubeconfig nor the path of one")
    return document


def _is_path(text: str) -> bool:
    return len(text) < _PATH_LIMIT and "\n" not in text and "{" not in text


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    import yaml  # noqa: PLC0415  (most kubeconfigs are JSON, and this takes longer than all the rest)

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


def active_cluster(document: dict[str, Any], context: str = "", cluster: str = "") -> tuple[str, dict[str, Any]] | None:
    """Return the name and the entry of the cluster in use, or None where the kubeconfig names none."""
    name = cluster or dig(_entry(document, "contexts", "context", _context_name(document, context)), "cluster")
    entry = _entry(document, "clusters", "cluster", str(name))
    return None if entry is None else (str(name), entry)


def connection(document: dict[str, Any], *, context: str = "", cluster: str = "", namespace: str = "") -> Connection:
    """Return the way to the cluster that the kubeconfig, or who overrides it, chooses."""
    name = _context_name(document, context)
    chosen = _entry(document, "contexts", "context", name)
    if chosen is None:
        raise ConfigurationError(f"the kubeconfig has no context '{name}': name one that it has")
    active = active_cluster(document, context, cluster)
    if active is None or not active[1].get("server"):
        wanted = cluster or chosen.get("cluster")
        raise ConfigurationError(f"the kubeconfig has no cluster '{wanted}' with a server: name one that it has")
    user = _entry(document, "users", "user", str(chosen.get("user", ""))) or {}
    _refuse(user, _REFUSED_USER, "user")
    _refuse(active[1], _REFUSED_CLUSTER, "cluster")
    return Connection(
        server=_server(str(active[1]["server"])),
        ca=_content(active[1], "certificate-authority"),
        insecure=bool(active[1].get("insecure-skip-tls-verify")),
        server_name=active[1].get("tls-server-name"),
        certificate=_content(user, "client-certificate"),
        key=_content(user, "client-key"),
        token=user.get("token"),
        token_file=None if user.get("token") else user.get("tokenFile"),
        namespace=namespace or chosen.get("namespace") or "default",
    )


def _context_name(document: dict[str, Any], context: str) -> str:
    return context or str(document.get("current-context") or "")


def _entry(document: dict[str, Any], listed: str, held: str, name: str) -> dict[str, Any] | None:
    for entry in document.get(listed) or []:
        if isinstance(entry, dict) and entry.get("name") == name and isinstance(entry.get(held), dict):
            found: dict[str, Any] = entry[held]
            return found
    return None


def _refuse(entry: dict[str, Any], keys: tuple[str, ...], what: str) -> None:
    for key in keys:
        if entry.get(key):
            raise ConfigurationError(
                f"the kubeconfig's {what} has '{key}', which the stand-in for the Kubernetes plugin does not know: "
                "use a client certificate or a token, or install the official plugin"
            )


def _server(address: str) -> str:
    parts = urlsplit(address if "://" in address else f"https://{address}")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError("the kubeconfig's server is no address of the form https://host:port")
    return parts.geturl().rstrip("/")


def _content(entry: dict[str, Any], key: str) -> str | None:
    """Return the content of a file that is either inside the kubeconfig or named in it."""
    if inside := entry.get(f"{key}-data"):
        try:
            return base64.b64decode(str(inside), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise ConfigurationError(f"the kubeconfig's '{key}-data' is not base64") from None
    if not (path := entry.get(key)):
        return None
    try:
        return Path(str(path)).read_text()
    except OSError as error:
        raise ConfigurationError(f"the kubeconfig's '{key}' {path} cannot be read: {error.strerror}") from None

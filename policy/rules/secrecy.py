"""What is secret stays encrypted in the state and out of sight."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policy.rules import tokens
from policy.rules.model import Finding, Level, Option, Options, Resource, Rule, Severity, is_named, of

_TRACES = ("PRIVATE KEY-----", "client-key-data:")
"""What a text with a key in it has."""

_KEYS = {tokens.CLUSTER_PKI: frozenset({"pki", "generations"}), tokens.CERTIFICATE: frozenset({"key"})}
"""The outputs that hold keys, by the type that makes them. What is made from a secret is secret itself."""


def _plain(resources: Sequence[Resource], options: Options) -> Iterator[Finding]:
    for resource in resources:
        for path, text in _texts(resource.props, ""):
            if any(trace in text for trace in _TRACES):
                yield resource, f"{path} holds a key and is not secret"
            elif resource.type == tokens.STACK and is_named(path, options["outputs"]):
                yield resource, f"the output {path} is not secret"
    for server in of(resources, tokens.SERVER):
        if isinstance(server.props.get("userData"), str):
            yield server, "userData holds the node's keys and is not secret"


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield every text in a property with its path."""
    match value:
        case str():
            yield path, value
        case Mapping():
            for name, each in value.items():
                yield from _texts(each, f"{path}.{name}" if path else str(name))
        case list():
            for number, each in enumerate(value):
                yield from _texts(each, f"{path}[{number}]")


def _makers(resources: Sequence[Resource], _options: Options) -> Iterator[Finding]:
    for resource in of(resources, *_KEYS):
        for name in sorted(_KEYS[resource.type] - resource.secret_outputs):
            yield resource, f"the output {name} holds keys and is not secret"


_WHY = "the state and every log would show it"
_MEND = "in the program, mark it as secret: pulumi.Output.secret, or additional_secret_outputs of what makes it"

RULES = (
    Rule(
        name="no-plain-secrets",
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        description="No output of the stack or of a resource shows a key, a kubeconfig or a node's user data.",
        why=_WHY,
        mend=_MEND,
        check=_plain,
        whole=True,
        options=(
            Option(
                name="outputs",
                default=("kubeconfig*",),
                description="Outputs of the stack that have to be secret; `*` stands for any text.",
            ),
        ),
    ),
    Rule(
        name="keys-are-secret",
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        description="What makes keys has the engine keep them secret, so that all that is made from them is, too.",
        why=_WHY,
        mend=_MEND,
        check=_makers,
    ),
)

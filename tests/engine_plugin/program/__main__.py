"""A stack of one dynamic resource, whose first creation fails and is tried again by a hook."""

from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class SecretProvider(ResourceProvider):
    """Make a secret at the second attempt."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Fail once, and leave a trace of it that outlives the process."""
        attempt = Path(props["attempt"])
        if not attempt.exists():
            attempt.touch()
            raise RuntimeError("503 Service Unavailable")
        return CreateResult("made", {**props, "secret": "between us"})


class Secret(Resource):
    """A secret that is made once."""

    secret: pulumi.Output[str]

    def __init__(self, name: str, attempt: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__(SecretProvider(), name, {"attempt": attempt, "secret": None}, opts)


def note(args: pulumi.ResourceHookArgs) -> None:
    """Say that the resource is about to be made."""
    with Path("hooks.log").open("a") as log:
        log.write(f"before {args.name}\n")


def retry_once(args: pulumi.ErrorHookArgs) -> bool:
    """Say what went wrong, and whether to try again."""
    with Path("hooks.log").open("a") as log:
        log.write(f"{args.errors[0]}\n")
    return len(args.errors) < 2


hooks = pulumi.ResourceHookBinding(
    before_create=[pulumi.ResourceHook("note", note)],
    on_error=[pulumi.ErrorHook("retry-once", retry_once)],
)
provider = pulumi.ProviderResource("pulumi-python", "dynamic", {})
secret = Secret(
    "secret",
    str(Path("attempt").absolute()),
    pulumi.ResourceOptions(provider=provider, hooks=hooks, additional_secret_outputs=["secret"]),
)
pulumi.export("secret", secret.secret)

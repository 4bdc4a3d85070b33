"""What a shell or a program needs to use the lab: its engine, the engine's state, the cloud's credentials."""

import sys

from lab import engine, kubernetes
from lab.openstack.site import Site

PASSPHRASE = "lab"  # noqa: S105 (public: the stack files in the repository are the lab's, and so are their secrets)


def environment(site: Site) -> dict[str, str]:
    """Return the variables. Raises `EngineError` where no engine is set up yet.

    The engine's state lies beside the cloud that it tells of: found from any checkout, and gone with `reset`.
    """
    variables = engine.environment()
    built = kubernetes.locate()
    kubectl = f":{built.bin}" if built else ""
    site.stacks.mkdir(mode=0o700, parents=True, exist_ok=True)
    return variables | {
        # `openstack` first, then `cecf` of the environment that this runs in, then the engine; last, so that a
        # `kubectl` of the person's own comes before, the lab's.
        "PATH": f"{site.bin}:{sys.prefix}/bin:{variables['PATH']}{kubectl}",
        "OS_CLIENT_CONFIG_FILE": str(site.clouds),
        "PULUMI_BACKEND_URL": site.stacks.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
    }

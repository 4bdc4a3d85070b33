"""The plugin's process: `pulumi-resource-kubernetes [--release VERSION] [ENGINE-ADDRESS]`."""

import logging
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

_THREADS = 160
"""The engine asks about as many resources at once as `--parallel` says, and each may wait for minutes."""
_ORPHAN_SECONDS = 2.0
_UNLIMITED = -1


def main(arguments: list[str]) -> int:
    """Serve until the engine ends the process, or has gone."""
    release, address = _parse(arguments)
    if "--version" in arguments:
        print(release)  # noqa: T201
        return 0
    _serve(release, address)
    return 0


def _parse(arguments: list[str]) -> tuple[str, str]:
    """Return the plugin's version and the engine's address. The engine may pass flags of its own before that."""
    release = "0.0.0"
    rest = list(arguments)
    if "--release" in rest:
        at = rest.index("--release")
        release = rest[at + 1]
        del rest[at : at + 2]
    positional = [each for each in rest if not each.startswith("-")]
    return release, positional[-1] if positional else ""


def _serve(release: str, address: str) -> None:
    # Before anything that takes time: the engine may be gone after it.
    engine = os.getppid()
    import grpc  # noqa: PLC0415  (`--version` answers without)
    from pulumi.runtime.proto import provider_pb2_grpc  # noqa: PLC0415

    from lab.engine.kubernetes.engine_log import EngineLog  # noqa: PLC0415
    from lab.engine.kubernetes.servicer import Servicer  # noqa: PLC0415

    # Its log would print the engine's requests for what this plugin does not do, and more than that.
    logging.getLogger("grpc").addHandler(logging.NullHandler())
    options = [("grpc.max_receive_message_length", _UNLIMITED), ("grpc.max_send_message_length", _UNLIMITED)]
    servicer = Servicer(release, EngineLog(address, options))
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    stopped = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopped.set())
    print(port, flush=True)  # noqa: T201
    while not stopped.wait(_ORPHAN_SECONDS) and os.getppid() == engine:
        pass
    servicer.cancelled.set()
    # Threads may still wait for an answer of the cluster; nothing they could do matters any more.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

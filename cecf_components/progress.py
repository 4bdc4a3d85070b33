"""How a dynamic resource that waits tells what it waits for, and how it is told to stop."""

import sys
import threading
from collections.abc import Callable
from types import FunctionType
from typing import Any

from cecf.kubernetes.waiting import NotReadyError, Wait

_cancelled = threading.Event()


def waiting(subject: str, minutes: float) -> Wait:
    """Return how a dynamic resource waits: what it prints the engine shows, and Ctrl-C ends it."""
    _listen()
    return Wait(minutes=minutes, tell=teller(subject), sleep=_pause)


def teller(subject: str) -> Callable[[str], None]:
    """Return what prints `subject: text`, one line a piece of news."""

    def tell(text: str) -> None:
        sys.stdout.write(f"{subject}: {text}\n")
        sys.stdout.flush()

    return tell


def cancel() -> None:
    """End every wait of this process."""
    _cancelled.set()


def _pause(seconds: float) -> None:
    if _cancelled.wait(seconds):
        raise NotReadyError("interrupted; the next run waits again")


def _listen() -> None:
    """Take the engine's request to cancel, which the SDK's plugin for dynamic resources hears and drops.

    Its server has bound the method before any provider is loaded, so that another method would not be called: this one
    gets another body.
    """
    servicer = getattr(sys.modules["__main__"], "DynamicResourceProviderServicer", None)
    dropped = getattr(servicer, "Cancel", None)
    if isinstance(dropped, FunctionType):
        dropped.__code__ = _heard.__code__


def _heard(_self: object, _request: object, _context: object) -> Any:
    # As part of the plugin's module: nothing of this one is known here but through an import.
    import sys  # noqa: PLC0415

    from google.protobuf.empty_pb2 import Empty  # noqa: PLC0415

    sys.modules["cecf_components.progress"].cancel()
    return Empty()

"""How a dynamic resource that waits tells what it waits for, and how it is told to stop."""

import sys
import threading
from collections.abc import Callable

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


def _pause(seconds: float) -> None:
    if _cancelled.wait(seconds):
        raise NotReadyError("interrupted; the next run waits again")


def _listen() -> None:
    """Take the engine's request to cancel, which the SDK's plugin for dynamic resources hears and drops."""
    servicer = getattr(sys.modules["__main__"], "DynamicResourceProviderServicer", None)
    if servicer is None or getattr(servicer.Cancel, "heard", False):
        return
    dropped = servicer.Cancel

    def cancel(self: object, request: object, context: object) -> object:
        _cancelled.set()
        return dropped(self, request, context)

    cancel.heard = True  # type: ignore[attr-defined]
    servicer.Cancel = cancel

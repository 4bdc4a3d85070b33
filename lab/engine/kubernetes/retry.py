"""Patience: waiting that a cancelled run ends at once, and requests that are sent again where that may help."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from lab.engine.kubernetes.faults import ApiError, CancelledError, KubernetesError

_T = TypeVar("_T")

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 5.0

Tell = Callable[[str], None]


@dataclass
class Patience:
    """How long an operation may take, and whom it tells what it waits for."""

    seconds: float
    cancelled: threading.Event = field(default_factory=threading.Event)
    tell: Tell = lambda _line: None
    started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.started + self.seconds - time.monotonic()

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than there is time. Raises `CancelledError` when the person stops the run."""
        if self.cancelled.wait(max(0.0, min(seconds, self.left))):
            raise CancelledError

    def at_most(self, seconds: float) -> "Patience":
        """Return a share of the same patience, from now on."""
        return Patience(min(seconds, self.left), self.cancelled, self.tell)


def persist(request: Callable[[], _T], patience: Patience, what: str) -> _T:
    """Send a request until it is answered, or refused for good, or patience is over; tell why it is repeated."""
    pause = _FIRST_PAUSE
    while True:
        try:
            return request()
        except KubernetesError as error:
            if not error.transient or patience.left <= 0:
                raise
            patience.tell(f"{what}: {error}; trying again")
            asked = error.retry_after if isinstance(error, ApiError) else 0
            patience.pause(max(pause, asked))
            pause = min(pause * 2, _LONGEST_PAUSE)

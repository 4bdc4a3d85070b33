"""The signs of life that agents leave with their APIs."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from lab.openstack.client import Admin
from lab.openstack.secret import Secrets
from lab.openstack.site import Site

Beat = dict[str, Any]
T = TypeVar("T")


class Once(Generic[T]):
    """An answer that is asked for once, by whichever thread comes first; a failure is an answer too.

    While a service loads, each question waits for its time limit: seven agents must not wait one after another.
    """

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._answer: Future[T] | None = None

    def __call__(self) -> T:
        """Return the answer, or raise what it was instead."""
        with self._lock:
            if self._answer is None:
                self._answer = Future()
                try:
                    self._answer.set_result(self._ask())
                except (OSError, KeyError, ValueError) as error:
                    self._answer.set_exception(error)
        return self._answer.result()


class Heartbeats:
    """What Nova, Cinder and Heat know of their agents."""

    def __init__(self, site: Site, secrets: Secrets) -> None:
        self._admin = Once(lambda: Admin(site, secrets))
        self.nova = Once(lambda: self._services("nova", "/v2.1/os-services"))
        self.cinder = Once(lambda: self._services("cinder", f"/v3/{self._admin().project}/os-services"))
        self.heat = Once(self._engines)

    def _services(self, service: str, path: str) -> list[Beat]:
        beats: list[Beat] = self._admin().get(service, path)["services"]
        return beats

    def _engines(self) -> list[Beat]:
        beats = self._services("heat", f"/v1/{self._admin().project}/services")
        return [{**beat, "state": beat["status"]} for beat in beats]


def fault(beats: Iterable[Beat], binary: str, expected: int, born: float) -> str:
    """Say what is wrong with an agent of which so many must have reported since it was started.

    An agent counts as up for some time after its last sign of life, so that alone proves
    nothing about the process which has just been started.
    """
    mine = [beat for beat in beats if beat["binary"] == binary]
    alive = sum(beat["state"] == "up" and _time(beat["updated_at"]) >= int(born) for beat in mine)
    return "" if alive >= expected else f"{alive} of {expected} have reported since the start"


def _time(text: str | None) -> float:
    if not text:
        return 0.0
    moment = dt.datetime.fromisoformat(text.removesuffix("Z"))
    return moment.replace(tzinfo=dt.UTC).timestamp()

"""Keeps the kernel as Neutron says, for as long as the lab runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from .desired import Fabric, fabric
from .links import LinkError
from .neutron import NeutronError
from .parse import Raw, parse
from .reconcile import plugged, reconcile
from .watch import News

_log = logging.getLogger("lab.fabric")

TICK = 0.5
"""Seconds between two looks at whether Neutron has news; those of the kernel come at once."""

_SETTLED = 60.0
"""Seconds after which everything is looked at again, news or not."""

_QUIET, _BUSY, _BUSY_FOR = 5.0, 1.0, 15.0
"""Seconds between two readings where Neutron does not tell of changes: usually, and for a while after one."""

_ASK_AGAIN, _MEND_AGAIN = 2.0, 10.0
"""Seconds until Neutron is asked again that did not answer, and until the kernel is that has refused something."""

_SHARE = 4
"""A reading is followed by so many times its own length without one, so that it never takes Neutron over."""


class Source(Protocol):
    """Where the desired state comes from."""

    def snapshot(self, ports: Iterable[str]) -> Raw:
        """Return everything that has to do with these ports."""


class Daemon:
    """One lab's fabric over time."""

    def __init__(self, offset: int, source: Source, clock: Callable[[], float] = time.monotonic) -> None:
        self._offset = offset
        self._source = source
        self._clock = clock
        self._taps: Mapping[str, str] = {}
        # Unknown until Neutron has been read once: what is in the kernel stays until then.
        self._wanted: Fabric | None = None
        self._stale = True
        self._read_at = self._changed_at = self._not_before = self._look_at = float("-inf")
        self._complaints: dict[str, frozenset[str]] = {}

    @property
    def settled(self) -> bool:
        """Whether the kernel is known to be as it should."""
        return not self._stale and not any(self._complaints.values())

    def step(self, news: News, *, told: bool) -> None:
        """Look at what is new, and act on it; `told` says whether Neutron tells of changes."""
        now = self._clock()
        look = news.links or now >= self._look_at
        if look:
            self._look_at = now + _SETTLED
        try:
            if look:
                self._look()
            due = bool(self._taps) and now - self._read_at >= self._pause(now, told=told)
            self._stale |= due or (news.neutron and bool(self._taps))
            if self._stale and now >= self._not_before:
                look |= self._read(now)
            if look and self._wanted is not None:
                self._done(now, reconcile(self._offset, self._wanted))
        except (LinkError, OSError) as reason:
            # Most likely the lab has just been taken down.
            self._done(now, [str(reason)])

    def _done(self, now: float, refused: Sequence[str]) -> None:
        self._complain("kernel", refused)
        self._look_at = now + (_MEND_AGAIN if refused else _SETTLED)

    def _look(self) -> None:
        taps = plugged(self._offset)
        if taps != self._taps:
            # A machine that starts waits for this.
            self._stale, self._not_before = True, float("-inf")
        self._taps = taps

    def _pause(self, now: float, *, told: bool) -> float:
        if told:
            return _SETTLED
        return _BUSY if now - self._changed_at < _BUSY_FOR else _QUIET

    def _read(self, now: float) -> bool:
        """Ask Neutron what is wanted; while it does not answer, that is what was wanted before."""
        try:
            raw = self._source.snapshot(sorted(self._taps)) if self._taps else {}
        except NeutronError as reason:
            self._complain("neutron", [f"the networks stay as they are, as Neutron cannot be read: {reason}"])
            self._not_before = now + _ASK_AGAIN
            return False
        took = self._clock() - now
        self._read_at, self._not_before, self._stale = now, now + took + _SHARE * took, False
        cloud, strange = parse(raw)
        wanted = fabric(cloud, self._taps)
        self._complain("neutron", [*strange, *wanted.problems])
        if wanted == self._wanted:
            return False
        self._wanted, self._changed_at = wanted, now
        counts = len(wanted.live), len(wanted.bridges), len(wanted.routers)
        _log.info("ports of machines: %d, networks: %d, routers: %d (read in %.2f s)", *counts, took)
        return True

    def _complain(self, about: str, problems: Iterable[str]) -> None:
        """Say each problem once, for as long as there is it."""
        now = frozenset(problems)
        for problem in sorted(now - self._complaints.get(about, frozenset())):
            _log.warning("%s", problem)
        self._complaints[about] = now

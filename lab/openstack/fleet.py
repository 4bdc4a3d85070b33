"""The lab's processes together: which of them run, and from what."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from lab.openstack import health, process
from lab.openstack.layout import Layout
from lab.openstack.process import Record
from lab.openstack.services import DAEMONS, Service
from lab.openstack.shell import LabError
from lab.openstack.site import Site

_READY_WITHIN = 240
_GRACE = 5.0
_LAST_WORDS = 5


class Fleet:
    """Starts and ends what a layout names."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._site = layout.site

    def is_current(self) -> bool:
        """Tell whether every service runs, and from what this checkout says."""
        return all(self._runs_as(service) == service.fingerprint for service in self._layout.services)

    def faults(self, names: Iterable[str] | None = None) -> dict[str, str]:
        """Ask the services what is wrong with them."""
        found = health.examine(self._site, self._layout.context.secrets, names)
        return {item.service: item.fault for item in found if item.fault}

    def start(self, names: Iterable[str]) -> None:
        """Start those of these services that do not run."""
        wanted = set(names)
        for service in self._layout.services:
            if service.name not in wanted:
                continue
            if self._runs_as(service):
                self._wake(service)
            else:
                self._start(service)

    def wait(self, names: Iterable[str]) -> None:
        """Wait until these services are well."""
        names = tuple(names)
        end = time.monotonic() + _READY_WITHIN
        while faults := self.faults(names):
            if health.DEAD in faults.values() or time.monotonic() > end:
                raise LabError("\n".join(self._explain(name, fault) for name, fault in faults.items()))
            time.sleep(0.3)

    def stop_outdated(self) -> None:
        """End what runs from something else than this checkout says, and what is left of the dead."""
        outdated = (item.name for item in self._layout.services if self._runs_as(item) != item.fingerprint)
        _stop(self._site, outdated, _GRACE)

    def kill(self, names: Iterable[str]) -> None:
        """End services whose state nobody wants any more."""
        _stop(self._site, names, grace=0)

    @staticmethod
    def end(site: Site, grace: float = _GRACE) -> None:
        """End all that runs, whichever checkout started it."""
        names = [path.stem for path in site.run.glob("*.json")]
        _stop(site, [name for name in names if name not in DAEMONS], grace)
        _stop(site, [name for name in names if name in DAEMONS], grace)

    def _wake(self, service: Service) -> None:
        # Who was killed while the template was being saved has left the database stopped.
        record = Record.read(self._site.record(service.name))
        running = record.process() if record else None
        if running and running.status() == psutil.STATUS_STOPPED:
            running.resume()

    def _runs_as(self, service: Service) -> str | None:
        record = Record.read(self._site.record(service.name))
        return record.fingerprint if record and record.process() else None

    def _start(self, service: Service) -> None:
        if service.name == "rabbitmq":
            # No queue of the lab is durable, and an empty broker starts the same every time.
            shutil.rmtree(self._site.var / "rabbitmq/mnesia", ignore_errors=True)
        record = process.start(
            service.argv,
            service.env,
            cwd=self._site.var,
            output=self._site.log_file(service.name),
            fingerprint=service.fingerprint,
        )
        record.write(self._site.record(service.name))

    def _explain(self, name: str, fault: str) -> str:
        if fault != health.DEAD:
            return f"{name} {fault}"
        words = _last_words(self._site.log_file(name))
        return f"{name} {fault}; the end of `python -m lab logs {name}`:\n{words}"


def _stop(site: Site, names: Iterable[str], grace: float) -> None:
    records = {name: record for name in names if (record := Record.read(site.record(name)))}
    process.stop(records.values(), grace=grace)
    for name in records:
        site.record(name).unlink(missing_ok=True)


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in lines[-_LAST_WORDS:])

"""`python -m lab.fabric`: keeps the networks of the lab's machines; `down` removes them."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .daemon import TICK, Daemon
from .neutron import Neutron
from .teardown import down
from .watch import News, Watch

_PATIENCE = 60.0
"""Seconds that `--once` gives Neutron and the kernel."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    chosen = _options(arguments)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    if chosen.verb == "down":
        return _report(down(chosen.offset))
    daemon = Daemon(chosen.offset, Neutron(chosen.clouds or _clouds()))
    if chosen.once:
        return _once(daemon)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    watch = Watch(chosen.offset, chosen.notice)
    try:
        while True:
            daemon.step(watch.wait(TICK), told=watch.told())
    except KeyboardInterrupt:
        # What is in the kernel stays: machines outlive a restart of this.
        return 0
    finally:
        watch.close()


def _once(daemon: Daemon) -> int:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        daemon.step(News(links=True), told=True)
        if daemon.settled:
            return 0
        time.sleep(TICK)
    return 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lab.fabric", description=__doc__)
    parser.add_argument("verb", nargs="?", choices=("run", "down"), default="run", help="what to do (default: run)")
    parser.add_argument("--once", action="store_true", help="make the kernel so, and end")
    shift = int(os.environ.get("CECF_LAB_PORT_OFFSET") or 0)
    parser.add_argument("--offset", type=int, default=shift, help="the lab's shift of ports (CECF_LAB_PORT_OFFSET)")
    parser.add_argument("--clouds", type=Path, help="clouds.yaml with the entry admin (default: the lab's)")
    parser.add_argument("--notice", type=Path, help="file that Neutron touches at every change")
    return parser.parse_args(arguments)


def _clouds() -> Path:
    if state := os.environ.get("CECF_LAB"):
        return Path(state, "clouds.yaml")
    # Only from a checkout: the lab's own copy of this is told where it is.
    from lab.openstack.site import Site  # noqa: PLC0415

    return Site.from_environment().clouds


def _report(problems: Sequence[str]) -> int:
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

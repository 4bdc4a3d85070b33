"""Command line: ``python -m lab.node_image setup`` and ``python -m lab.node_image path``."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from lab.engine.errors import FAILED, INTERRUPTED, TERMINATED, USAGE
from lab.node_image import ensure, locate
from lab.openstack.shell import LabError


def setup() -> int:
    """Come by the images and say where they are, leaving nothing behind when told to stop."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    for release, disk in ensure(lambda line: print(line, flush=True)).items():  # noqa: T201
        print(f"{release.node_image}: {disk}")  # noqa: T201
    return 0


def path() -> int:
    """Print where the default release's image is."""
    disk = locate()
    if disk is None:
        print("There is no node image yet: run `python -m lab.node_image setup` as root.", file=sys.stderr)  # noqa: T201
        return USAGE
    print(disk)  # noqa: T201
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lab.node_image", description="The disk that nodes boot from.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("setup", help="make what is missing of the images").set_defaults(run=setup)
    verbs.add_parser("path", help="print where the default release's image is").set_defaults(run=path)
    try:
        code: int = parser.parse_args(arguments).run()
    except LabError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


if __name__ == "__main__":
    sys.exit(main())

"""Command line: ``python -m lab.kubernetes setup`` and ``PATH=$(python -m lab.kubernetes path):$PATH``."""

import argparse
import signal
import sys
from collections.abc import Sequence

from lab.engine.errors import INTERRUPTED, TERMINATED, EngineError, EngineMissingError
from lab.kubernetes import ensure, locate


def setup() -> None:
    """Come by Kubernetes and say where it is, keeping what is whole when told to stop."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    for release, made in ensure(lambda line: print(line, flush=True)).items():  # noqa: T201
        print(f"{release.kubernetes}: {made.root}")  # noqa: T201


def path() -> None:
    """Print the folder of the default release's programs."""
    made = locate()
    if made is None:
        raise EngineMissingError("There is no Kubernetes yet: run `python -m lab.kubernetes setup`.")
    print(made.bin)  # noqa: T201


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lab.kubernetes", description="The Kubernetes of the lab.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("setup", help="build programs and images that are missing").set_defaults(run=setup)
    verbs.add_parser("path", help="print the folder of the programs, for PATH").set_defaults(run=path)
    try:
        parser.parse_args(arguments).run()
    except EngineError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())

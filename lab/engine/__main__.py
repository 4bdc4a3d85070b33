"""Command line: ``python -m lab.engine setup`` and ``eval "$(python -m lab.engine env)"``."""

import argparse
import shlex
import signal
import sys
from collections.abc import Sequence

from lab.engine import EngineError, ensure, environment
from lab.engine.errors import INTERRUPTED, TERMINATED


def setup() -> None:
    """Come by an engine and say where it is, cleaning up when told to stop."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    engine = ensure(lambda line: print(line, flush=True))  # noqa: T201
    print(f"pulumi: {engine.pulumi}")  # noqa: T201
    print(f"plugins: {engine.plugin}")  # noqa: T201
    print(f"         {engine.kubernetes}")  # noqa: T201


def env() -> None:
    """Print what a shell has to evaluate to use the engine."""
    for name, value in environment().items():
        print(f"export {name}={shlex.quote(value)}")  # noqa: T201


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lab.engine", description="The Pulumi engine of the lab.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("setup", help="find, install or build the engine").set_defaults(run=setup)
    verbs.add_parser("env", help="print the variables that lead a shell to it").set_defaults(run=env)
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

"""Command line: ``python -m lab.tables [--check] [MINOR ...]``."""

import argparse
import sys
import time
from collections.abc import Sequence

from lab.engine.errors import FAILED, INTERRUPTED, EngineError
from lab.tables import making


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the tables that were asked for, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.tables", description="Tables of what the components of Kubernetes know, from their code."
    )
    parser.add_argument("minors", metavar="MINOR", nargs="*", help=f"of {', '.join(making.minors())}; default: all")
    parser.add_argument("--check", action="store_true", help="write no table; exit with 1 if one differs")
    parser.add_argument("--complete", action="store_true", help="add to go.mod and go.sum what they lack")
    options = parser.parse_args(arguments)
    if unknown := set(options.minors) - set(making.minors()):
        parser.error(f"no go.mod pins a release of {', '.join(sorted(unknown))}: see lab/tables/README.md")
    try:
        results = [_make(minor, options) for minor in options.minors or making.minors()]
    except EngineError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0 if all(results) else FAILED


def _make(minor: str, options: argparse.Namespace) -> bool:
    """Make one table, and return whether it is as the file says now."""
    started = time.monotonic()
    _say(f"{minor}: compiling its components; minutes on few cores, the first time.")
    made = making.table(minor, complete=options.complete)
    text, file = making.text(made), making.TABLES / f"{minor}.json"
    same = file.exists() and file.read_text() == text
    if not same and not options.check:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    verdict = "unchanged" if same else "differs" if options.check else "written"
    _say(f"{minor}: {file.name} {verdict}: Kubernetes {made['kubernetes']}, {time.monotonic() - started:.0f} s.")
    return same or not options.check


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())

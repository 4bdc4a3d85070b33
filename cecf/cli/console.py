"""Where the command writes: results to standard output, errors to standard error."""

import sys

from rich.console import Console

LOG_WIDTH = 160
"""Columns where nobody's terminal sets a limit: a log, a file, a pipe."""


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else LOG_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, emoji=False, soft_wrap=True)


console = _console(stderr=False)
errors = _console(stderr=True)

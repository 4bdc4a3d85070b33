"""Where the command writes: results to standard output, errors to standard error."""

from rich.console import Console

console = Console(highlight=False, emoji=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)

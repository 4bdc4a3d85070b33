"""Programs that are run to their end."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lab.nova_driver.model import MachineError

_WITHIN = 120


def run(*command: str | Path, may_fail: bool = False) -> str:
    """Run a program and return what it printed; an error carries its own words."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=_WITHIN)
    except FileNotFoundError:
        raise MachineError(f"{words[0]} is not installed: `python -m lab up` installs what machines need") from None
    except subprocess.TimeoutExpired:
        raise MachineError(f"`{' '.join(words)}` did not end within {_WITHIN} s") from None
    if done.returncode and not may_fail:
        raise MachineError(f"`{' '.join(words)}` failed: {(done.stderr or done.stdout).strip() or done.returncode}")
    return done.stdout

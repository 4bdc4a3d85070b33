"""`cecf lab`: the lab's own command, for who works on the project."""

import subprocess
import sys
from pathlib import Path

import typer

_ROOT = Path(__file__).parents[2]


def lab(context: typer.Context) -> None:
    """Start, stop and look into the lab: an OpenStack on this machine (`python -m lab`)."""
    done = subprocess.run([sys.executable, "-m", "lab", *context.args], cwd=_ROOT, check=False)
    raise typer.Exit(done.returncode)

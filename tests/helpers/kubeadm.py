"""What kubeadm makes of the configuration that a node gets, written into a folder instead of onto this machine."""

import os
import subprocess
from pathlib import Path

from tests.helpers.programs import program


def init_phase(config: str, folder: Path, *phase: str) -> Path:
    """Do a phase of `kubeadm init` on paper; return the folder with the files that it would have written."""
    file, made = folder / "init.yaml", folder / "dry-run"
    file.write_text(config)
    made.mkdir(exist_ok=True)
    done = subprocess.run(
        [program("kubeadm"), "init", "phase", *phase, "--dry-run", "--config", str(file)],
        env={**os.environ, "KUBEADM_INIT_DRYRUN_DIR": str(made)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return made

"""Commands that are run, and the lock that they keep."""

import subprocess
import sys

import pytest

from lab.openstack.lock import exclusive
from lab.openstack.shell import LabError, run, step
from lab.openstack.site import Site

_IS_FREE = "import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)"
_OPEN_FILES = "import pathlib; print([str(f.resolve()) for f in pathlib.Path('/proc/self/fd').iterdir()])"


def _is_free(site: Site) -> bool:
    code = subprocess.run([sys.executable, "-c", _IS_FREE, str(site.state / "lock")], check=False, capture_output=True)
    return code.returncode == 0


def test_lock_is_free_afterwards(site: Site) -> None:
    """The next command does not wait."""
    with exclusive(site, print):
        assert not _is_free(site)
    assert _is_free(site)


def test_command_that_is_run_inherits_the_lock(site: Site) -> None:
    """A migration that outlives a killed `up` is not run into by the next one."""
    with exclusive(site, print):
        held = run([sys.executable, "-c", _OPEN_FILES])
    assert str(site.state / "lock") in held


def test_failure_carries_what_was_said() -> None:
    """Nobody has to run it again to see why."""
    with pytest.raises(LabError, match=r"(?s)failed with 3.*no such luck"):
        run([sys.executable, "-c", "import sys; print('no such luck'); sys.exit(3)"])


def test_step_says_how_long_it_took() -> None:
    """One line before, one after."""
    said: list[str] = []
    with step(said.append, "waiting"):
        pass
    assert said == ["waiting ...", "waiting: 0.0 s"]

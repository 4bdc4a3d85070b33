"""The lock of a self-managed state backend, which an engine that is killed leaves behind."""

import re
import socket

import psutil

_HOLDER = re.compile(r"created by \S+@(?P<host>\S+) \(pid (?P<pid>\d+)\)")


def all_dead(refusal: str) -> bool:
    """Tell whether every holder that the engine's refusal names was a process of this machine and is gone.

    A holder on another machine may be alive, so its lock stays; so does one that the text does not name.
    """
    holders = [(match["host"], int(match["pid"])) for match in _HOLDER.finditer(refusal)]
    return bool(holders) and all(host == socket.gethostname() and not _alive(pid) for host, pid in holders)


def _alive(pid: int) -> bool:
    try:
        # A killed process stays in the table until its parent has taken note of it.
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

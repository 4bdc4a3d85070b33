"""All of Swift's servers, and what they leave for later: Swift is imported once, then forked for each.

usage: python -m labdrivers.swift_servers CONFIGURATION_FOLDER WORK_FOLDER
"""
# mypy: ignore-errors
# Swift is not installed where this project is type-checked.

import importlib
import logging
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

from labdrivers import children
from swift.common import utils
from swift.common.utils import logs

_BACKENDS = ("account", "container", "object")

# What the servers come to import in the end: they share it when it is here already.
_SHARED = (
    *("swift.proxy.server", "swift.account.server", "swift.container.server", "swift.obj.server"),
    *("swift.common.middleware.s3api.s3api", "swift.common.middleware.s3api.s3token"),
    *("swift.common.middleware.slo", "swift.common.middleware.versioned_writes", "keystonemiddleware.auth_token"),
)

# The one disk, below the folder of devices.
_DISK = "disk"
# A ring of sixteen parts: as many folders below each kind of thing, and all on that disk.
_PART_POWER = 4

# Seconds between two rounds of what is done behind the requests.
_ROUND = 30


def main():
    """Start one child a server and end all of them when one ends."""
    configuration, work = map(Path, sys.argv[1:])
    _prepare(configuration, work)
    for module in _SHARED:
        importlib.import_module(module)
    _make_rings(configuration, work)
    children.freeze()
    servers = {_fork(_serve, configuration, name): name for name in (*_BACKENDS, "proxy")}
    children.tend({**servers, _fork(_tidy, configuration): "updater"})


def _prepare(configuration, work):
    """Say where Swift finds what it reads when it is imported, and where it writes its log."""
    work.mkdir(exist_ok=True)
    link = work / "swift.conf"
    link.unlink(missing_ok=True)
    link.symlink_to(configuration / "swift.conf")
    utils.SWIFT_CONF_FILE = str(link)
    utils.validate_configuration()
    # Once and here: it looks at every object that there is, and each child would have a copy of all of them then.
    utils.monkey_patch()
    utils.eventlet_monkey_patch = lambda: None
    # Swift knows syslog only, which this computer may have or not; the lab's services write to standard error.
    logs.ThreadSafeSysLogHandler = lambda **_: logging.StreamHandler()


def _make_rings(configuration, work):
    """Name the one server of each kind, and its one disk."""
    builders = importlib.import_module("swift.common.ring.builder")
    for name in _BACKENDS:
        settings = _settings(configuration, name)
        _check(Path(settings["devices"]))
        builder = builders.RingBuilder(_PART_POWER, replicas=1, min_part_hours=0)
        place = {"ip": settings["bind_ip"], "port": int(settings["bind_port"]), "device": _DISK}
        builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1, **place})
        builder.rebalance(seed=1)
        builder.get_ring().save(str(work / f"{name}.ring.gz"))


def _check(devices):
    """Objects need extended attributes of users, which some file systems have not."""
    (devices / _DISK).mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=devices) as probe:
        try:
            os.setxattr(probe.name, "user.swift.probe", bytes(2048))
        except OSError as error:
            sys.exit(f"{devices}: no extended attributes here ({error.strerror}), so CECF_LAB has to be elsewhere")


def _settings(configuration, name, section=""):
    wsgi = importlib.import_module("swift.common.wsgi")
    return wsgi.appconfig(str(configuration / f"{name}.conf"), name=f"{section or name}-server")


def _fork(work, *arguments):
    pid = os.fork()
    if pid:
        return pid
    try:
        work(*arguments)
        os._exit(0)
    except SystemExit as end:
        # Swift's updater forks, too.
        os._exit(int(bool(end.code)))
    except BaseException:  # noqa: BLE001 (a child must never run on into the parent's code)
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(1)


def _serve(configuration, name):
    # Swift's own `run_wsgi` would leave the session, by which the lab finds what belongs to a service.
    wsgi = importlib.import_module("swift.common.wsgi")
    settings = _settings(configuration, name)
    wsgi.run_server(settings, wsgi.get_logger(settings, name), wsgi.get_socket(settings), {"log_name": name})


def _tidy(configuration):
    while True:
        time.sleep(_ROUND)
        # Swift's daemons, too, do each round in a process of its own, which leaves nothing behind.
        os.waitpid(_fork(_round, configuration), 0)


def _round(configuration):
    """Add up accounts, write listings that had to wait, and delete objects whose time is over."""
    for module, kind, name in (
        ("swift.container.updater", "ContainerUpdater", "container"),
        ("swift.obj.updater", "ObjectUpdater", "object"),
        ("swift.obj.expirer", "ObjectExpirer", "expirer"),
    ):
        settings = _settings(configuration, name, section="proxy" if name == "expirer" else name)
        settings["__file__"] = str(configuration / f"{name}.conf")
        getattr(importlib.import_module(module), kind)(settings).run_once()


if __name__ == "__main__":
    main()

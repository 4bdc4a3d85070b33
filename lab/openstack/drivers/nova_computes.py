"""All nova-compute services of the lab: Nova is imported once, then forked for each host.

usage: python -m labdrivers.nova_computes COMMON_CONF HOST_CONF...
"""
# mypy: ignore-errors
# Nova is not installed where this project is type-checked.

import functools
import importlib
import os
import sys
import traceback

from labdrivers import children

# What a nova-compute comes to import in the end: the children share it when it is here already.
_SHARED = (
    "nova.cmd.compute",
    "nova.compute.manager",
    "nova.image.glance",
    "nova.network.neutron",
    "nova.volume.cinder",
    "oslo_messaging._drivers.impl_rabbit",
)


def main():
    """Start one child a host and end all of them when one ends."""
    common, *hosts = sys.argv[1:]
    for module in _SHARED:
        importlib.import_module(module)
    # Nova takes virt drivers from below `nova.virt` only.
    sys.modules["nova.virt.lab"] = importlib.import_module("labdrivers.nova_virt")
    _ask_conductor_more_often()
    children.freeze()
    children.tend({_fork(common, host): f"compute of {host}" for host in hosts})


def _ask_conductor_more_often():
    # A question before the conductor has its queue is lost, and Nova waits ten seconds for each answer.
    api = importlib.import_module("nova.conductor.api").API
    api.wait_until_ready = functools.partialmethod(api.wait_until_ready, early_timeout=2, early_attempts=60)


def _fork(common, host):
    pid = os.fork()
    if pid:
        return pid
    sys.argv = ["nova-compute", "--config-file", common, "--config-file", host]
    try:
        sys.modules["nova.cmd.compute"].main()
    except BaseException:  # noqa: BLE001 (a child must never run on into the parent's code)
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(1)


if __name__ == "__main__":
    main()

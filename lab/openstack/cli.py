"""The lab's command line: `python -m lab`."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Sequence

from lab.engine import EngineError
from lab.environment import environment
from lab.nova_driver.model import MachineError
from lab.openstack import health, lifecycle, machines, seeds, status
from lab.openstack.shell import LabError
from lab.openstack.site import Site

_DESCRIPTION = """\
A real OpenStack on 127.0.0.1: keystone, placement, nova, neutron, glance, cinder, octavia,
heat, barbican and swift, with three zones of three hosts each. Servers are system containers.
There is one lab a machine, whichever checkout it was started from.
"""

_ENVIRONMENT = """\
environment:
  CECF_LAB              the lab's state (default: ~/.local/state/cecf/lab)
  CECF_CACHE            what can be made again (default: ~/.cache/cecf)
  CECF_LAB_PORT_OFFSET  added to every port, for a second lab (default: 0)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 1 when it failed or something is unwell."""
    options = _parser().parse_args(arguments)
    command: Callable[[Site, argparse.Namespace], int] = options.command
    # What was changed for a while on the machine is put back, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return command(Site.from_environment(), options)
    except (LabError, EngineError, MachineError) as error:
        sys.stderr.write(f"lab: {error}\n")
    except KeyboardInterrupt:
        sys.stderr.write("lab: interrupted; the same command takes it up again\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lab",
        description=_DESCRIPTION,
        epilog=_ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[Site, argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        child = commands.add_parser(name, help=text, description=text)
        child.set_defaults(command=command)
        return child

    add("up", _up, "install what is missing, start what does not run, restart what has changed")
    add("down", _down, "end the lab's processes and keep what the cloud holds")
    add("status", _status, "ask every service how it is; exit with 1 when one is unwell")
    add("reset", _reset, "make it an empty, freshly seeded cloud again")
    logs = add("logs", _logs, "show what a service, or every one, has written")
    logs.add_argument("service", nargs="?", metavar="SERVICE", help="a name from `status`")
    logs.add_argument("-f", "--follow", action="store_true", help="go on with what it will write")
    logs.add_argument("-n", "--lines", type=int, default=20, metavar="N", help="how many lines (default: 20)")
    add("machines", _machines, "list the servers that have a machine")
    shell = add("shell", _shell, "run a command, or a shell, as root in a machine")
    shell.add_argument("name", metavar="NAME", help="a server's name, or the beginning of its id")
    shell.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND", help="default: bash")
    kill = add("kill", _kill, "cut a machine's power behind Nova's back")
    kill.add_argument("name", metavar="NAME", help="a server's name, or the beginning of its id")
    add("env", _env, 'print what a shell needs to use the lab: eval "$(python -m lab env)"')
    return parser


def _up(site: Site, _: argparse.Namespace) -> int:
    lifecycle.up(site, _clock())
    return 0


def _down(site: Site, _: argparse.Namespace) -> int:
    lifecycle.down(site, _clock())
    return 0


def _reset(site: Site, _: argparse.Namespace) -> int:
    lifecycle.reset(site, _clock())
    return 0


def _status(site: Site, _: argparse.Namespace) -> int:
    if not site.run.exists():
        raise LabError("there is no lab yet: `python -m lab up` makes one")
    found = health.examine(site, seeds.secrets(site))
    sys.stdout.write(status.render(site, found) + machines.summary(site))
    return int(any(item.fault for item in found))


def _logs(site: Site, options: argparse.Namespace) -> int:
    names = sorted(path.stem for path in site.log.glob("*.log"))
    chosen = [options.service] if options.service else names
    if not set(chosen) <= set(names) or not names:
        raise LabError(f"no log of {options.service or 'anything'}; there are: {' '.join(names) or 'none'}")
    follow = ["-F"] if options.follow else []
    os.execv(  # noqa: S606 (from here on this process is tail)
        "/usr/bin/tail", ["tail", *follow, "-n", str(options.lines), *(str(site.log_file(name)) for name in chosen)]
    )


def _machines(site: Site, _: argparse.Namespace) -> int:
    sys.stdout.write(machines.render(site))
    return 0


def _shell(site: Site, options: argparse.Namespace) -> int:
    machines.enter(site, options.name, options.words or ["bash", "-l"])


def _kill(site: Site, options: argparse.Namespace) -> int:
    machines.kill(site, options.name)
    return 0


def _env(site: Site, _: argparse.Namespace) -> int:
    for name, value in environment(site).items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
    return 0


def _clock() -> Callable[[str], None]:
    start = time.monotonic()

    def log(line: str) -> None:
        sys.stdout.write(f"{time.monotonic() - start:6.1f} s  {line}\n")
        sys.stdout.flush()

    return log

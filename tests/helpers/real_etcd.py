"""Members of a real etcd on this machine's loopback, each begun by the program of a node that is a folder."""

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

from cecf.plan import ClusterPlan
from tests.helpers import clusters
from tests.helpers.node_program import WELL, Done, Machine, machine

UNIT = "/etc/systemd/system/etcd.service"
START = "/var/lib/cecf/etcd.env"

PATIENCE = 90
"""Seconds that a member has in place of ten minutes: a test ends."""

SLOW = {"tuning": {"values": {"etcd": {"heartbeat-interval": 500, "election-timeout": 5000}}}}
"""On a busy machine nobody is to lose an office."""


class Member:
    """A member, and what stands in for systemd on its node."""

    def __init__(self, node: Machine, program: str) -> None:
        self.node = node
        self.own = node.facts["etcd"]
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        node.commands.ends[("systemctl", "start", "--no-block", "etcd")] = self._start
        node.commands.ends[("systemctl", "stop", "etcd")] = self._stop
        node.commands.ends[("systemctl", "is-failed", "etcd")] = self._state
        # Real processes take real time.
        clock = SimpleNamespace(monotonic=time.monotonic, sleep=lambda seconds: time.sleep(min(seconds, 0.2)))
        for module in vars(node.program).values():
            if hasattr(module, "time"):
                module.time = clock
        node.program.etcd.FRESH = PATIENCE

    def run(self, step: str = "run_member") -> None:
        """Take the step, again and again if need be, as the node does."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self.attempt(step)
            except self.node.program.tools.NotYetError:
                if time.monotonic() > end:
                    raise
                time.sleep(1)

    def attempt(self, step: str = "run_member") -> None:
        """Take the step once."""
        getattr(self.node.program.etcd, step)(self.node.facts)

    def call(self, verb: str, request: dict[str, Any]) -> dict[str, Any]:
        """Ask this member."""
        answer: dict[str, Any] = self.node.program.etcd_api.call([self.own["address"]], verb, request)
        return answer

    def members(self) -> dict[str, tuple[str, bool]]:
        """Return the members as the whole cluster knows them: who they are, and whether they vote."""
        listed = self.call("cluster/member/list", {"linearizable": True})["members"]
        return {member["name"]: (member["ID"], not member.get("isLearner")) for member in listed}

    def lose_power(self) -> None:
        """End without a word."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait(30)

    def lose_disk(self) -> None:
        """Have a blank disk in place of the old one."""
        self.lose_power()
        for folder in ("data", "wal"):
            shutil.rmtree(self.node.path(self.own[folder]))

    def log(self) -> str:
        """Return what etcd has said."""
        return self.node.path("/var/log/etcd").read_text()

    def _start(self, _: Sequence[str]) -> Done:
        wal, start = self.node.path(self.own["wal"]), self.node.path(START)
        if not start.exists() and not (wal.is_dir() and any(wal.iterdir())):
            return WELL  # the unit's conditions
        if self._process is None or self._process.poll() is not None:
            words = shlex.split(start.read_text()) if start.exists() else []
            environment = {"PATH": os.environ["PATH"], **dict(word.split("=", 1) for word in words)}
            with self.node.put("/var/log/etcd", mode=0o600).open("ab") as log:
                self._process = subprocess.Popen(self._command(), env=environment, stdout=log, stderr=log)
        return WELL

    def _stop(self, _: Sequence[str]) -> Done:
        self.lose_power()
        return WELL

    def _state(self, _: Sequence[str]) -> Done:
        dead = self._process is None or self._process.poll() is not None
        return (0, "failed\n", "") if dead else (1, "active\n", "")

    def _command(self) -> list[str]:
        unit = self.node.path(UNIT).read_text().replace("\\\n", " ")
        (line,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
        here = line.removeprefix("ExecStart=/usr/bin/etcd ")
        for folder in ("/var/lib/", "/etc/cecf/"):
            here = here.replace(f"={folder}", f"={self.node.root}{folder}")
        # Members that share this machine cannot share its address.
        here = here.replace("https://127.0.0.1:2379,", "").replace("127.0.0.1", self.own["address"])
        return [self._program, *here.split()]


def plan_here() -> ClusterPlan:
    """Return dev's plan with control planes on the loopback, at addresses that no other test has at the same time."""
    plan = clusters.plan("dev", SLOW)
    number = os.getpid()
    first = IPv4Address("127.64.0.0") + 16 * (number % (1 << 16))
    nodes = tuple(replace(node, address=first + node.ordinal) for node in plan.control_plane.nodes)
    return replace(plan, etcd=replace(plan.etcd, members=nodes))


@contextmanager
def members(folder: Path, program: str) -> Iterator[tuple[Member, ...]]:
    """Give the three members of an etcd that has not begun."""
    plan = plan_here()
    nodes = [machine(folder / node.name, node, real_keys=True, plan=plan) for node in plan.etcd.members]
    for node in nodes:
        node.path("/var/lib/etcd").mkdir()
    made = tuple(Member(node, program) for node in nodes)
    try:
        yield made
    finally:
        for member in made:
            member.lose_power()


def together(members: Sequence[Member]) -> None:
    """Have members take the step at the same time."""
    faults: list[str] = []

    def take(member: Member) -> None:
        try:
            member.run()
        except Exception as error:  # noqa: BLE001 (whatever it is, the test is to say it)
            faults.append(f"{member.own['name']}: {error}")

    threads = [Thread(target=take, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []

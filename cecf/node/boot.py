"""Makes this server a part of its cluster. Can be run again at any time: what is done is not done twice.

Runs at every boot as `cecf-boot.service`, from the facts in /etc/cecf/node.json. Each step that must happen once
leaves a file in /var/lib/cecf/boot. Progress goes to the journal and to the console, one line each:
`cecf-boot: <step>: <what>`; the last one is `cecf-boot: node: done` or `cecf-boot: node: gave up ...`, and
/var/lib/cecf/boot/state.json says the same to programs.

usage: python3 -m cecf.node.boot [data-disk]
       (data-disk: only mount the volumes, as cecf-data-disk.service does before etcd starts)
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cecf.node.tools import Facts, GivenUpError, NotYetError, run, say, start

FACTS = Path("/etc/cecf/node.json")
STATE = Path("/var/lib/cecf/boot")
KEEPALIVED = Path("/etc/cecf/keepalived.conf")
KEEPALIVED_TARGET = Path("/etc/keepalived/keepalived.conf")
MODULES = Path("/etc/modules-load.d/cecf.conf")

DATA_DISK = "data-disk"

ATTEMPTS = 10
"""Of each step; what does not work then is not going to."""

PAUSE = 10
"""Seconds between attempts."""


def kernel(_facts: Facts) -> None:
    """Load modules and set values now; at later boots systemd does it from the same files."""
    for module in MODULES.read_text().split():
        # One that is built into the kernel cannot be loaded; the sysctls below tell whether it is there.
        run("modprobe", module, check=False)
    run("sysctl", "--system")
    run("sysctl", "--load", "/etc/sysctl.d/90-cecf.conf")


def load_balancer(facts: Facts) -> None:
    """Start what answers at the endpoint's address: keepalived holds it, haproxy leads on to an API server."""
    KEEPALIVED_TARGET.write_text(KEEPALIVED.read_text().replace("@INTERFACE@", _interface(facts["address"])))
    KEEPALIVED_TARGET.chmod(0o600)
    run("haproxy", "-c", "-f", "/etc/haproxy/haproxy.cfg")
    for service in ("haproxy", "keepalived"):
        start(service)


def _interface(address: str) -> str:
    """Return the interface that has the node's address."""
    for link in json.loads(run("ip", "-json", "-4", "address", "show")):
        if any(known["local"] == address for known in link["addr_info"]):
            return str(link["ifname"])
    raise NotYetError(f"no interface has the address {address}")


# ------------------------------------------------------------------ the way through the steps


@dataclass(frozen=True)
class Step:
    """Something that is done with a server."""

    name: str
    take: Callable[[Facts], None]
    once: bool = True
    """Whether it is done for good; else it is taken at every boot."""


def _answers_at_the_endpoint(facts: Facts) -> bool:
    return (facts["role"], facts["endpoint_kind"]) == ("control-plane", "virtual_address")


def steps(facts: Facts) -> Iterator[Step]:
    """Yield the steps of this server, each when its turn has come."""
    if facts["etcd"]:
        # A worker has none of this, not even the files.
        from cecf.node import disks, etcd  # noqa: PLC0415

        yield Step(DATA_DISK, disks.mount, once=False)
        if not etcd.has_data(facts["etcd"]):
            # What runs measures itself.
            yield Step("disk-check", disks.check)
        yield Step("etcd", etcd.run_member, once=False)
    if facts["role"] == "etcd":
        return
    from cecf.node import kubernetes  # noqa: PLC0415

    yield Step("kernel", kernel)
    yield Step("container-runtime", kubernetes.container_runtime)
    if _answers_at_the_endpoint(facts):
        yield Step("load-balancer", load_balancer)
    yield Step("membership", kubernetes.membership)
    yield Step("kubelet", kubernetes.kubelet, once=False)


def main() -> int:
    """Take every step that is not done yet."""
    facts = read_facts()
    STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.argv[1:] == [DATA_DISK]:
        return 0 if _taken(next(steps(facts)), facts) else 1
    began = time.monotonic()
    for step in steps(facts):
        if _mark(step).exists():
            continue
        if not _taken(step, facts):
            say("node", f"gave up at step {step.name}; mend the cause, then: systemctl restart cecf-boot")
            return 1
        if step.once:
            _mark(step).touch()
    _keep_state("done")
    say("node", f"done in {time.monotonic() - began:.0f} s")
    return 0


def read_facts() -> Facts:
    """Return who this server is."""
    facts: Facts = json.loads(FACTS.read_text())
    return facts


def _mark(step: Step) -> Path:
    return STATE / f"{step.name}.done"


def _taken(step: Step, facts: Facts) -> bool:
    """Take one step, again and again if need be."""
    for attempt in range(1, ATTEMPTS + 1):
        _keep_state("running", step.name, attempt)
        say(step.name, "begins" if attempt == 1 else f"attempt {attempt} of {ATTEMPTS}")
        began = time.monotonic()
        try:
            step.take(facts)
        except GivenUpError as error:
            say(step.name, f"failed: {error}")
            _keep_state("failed", step.name, attempt, str(error))
            return False
        except (NotYetError, OSError, ValueError) as error:
            say(step.name, f"failed: {error}")
            _keep_state("failed", step.name, attempt, str(error))
            time.sleep(PAUSE)
        else:
            say(step.name, f"done in {time.monotonic() - began:.0f} s")
            return True
    return False


def _keep_state(state: str, step: str = "", attempt: int = 0, error: str = "") -> None:
    text = json.dumps({"state": state, "step": step, "attempt": attempt, "error": error})
    new = STATE / "state.json.new"
    new.write_text(text)
    new.rename(STATE / "state.json")


if __name__ == "__main__":
    sys.exit(main())

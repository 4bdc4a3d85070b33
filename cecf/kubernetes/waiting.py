"""Waits for a cluster's API and for its nodes, and says what they are stuck at."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from openstack.connection import Connection

from cecf.cloud.console import Console, console
from cecf.kubernetes import nodes
from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError, KubernetesApi

POLL = 2
"""Seconds between two looks."""

CONSOLE_POLL = 6
"""Seconds between two looks at a console, which costs Nova and the host more than a look at the API."""

Result = TypeVar("Result")

BEGUN = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"
"""What kubeadm leaves once the cluster has begun."""

Tell = Callable[[str], None]
"""Takes what is going on, whenever that changes."""


class NotReadyError(Exception):
    """What was waited for did not come, or cannot come any more."""


@dataclass(frozen=True, kw_only=True)
class Wait:
    """How long to wait, whom to tell, and the clock (a test has its own)."""

    minutes: float
    tell: Tell
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def wait_for_api(api: KubernetesApi, cloud: Connection, servers: Mapping[str, str], wait: Wait) -> None:
    """Return once the API is ready and knows its administrator.

    `servers` are the control plane's ids by node name; the first to boot begins the cluster.

    Raises `NotReadyError` with the progress of each server.
    """
    watch = _Watch(cloud, servers, wait)
    while not api.ready():
        watch.look("the API does not answer yet")
    # kubeadm gives the administrator's group its rights only after the API has come up.
    while not _insist(watch, lambda: api.get(BEGUN)):
        watch.look("kubeadm has not finished its init")


@dataclass(frozen=True, kw_only=True)
class Joiner:
    """A server that is to become a node."""

    node: str
    server: str
    """The server's id."""
    token: str = field(repr=False)
    """The node's own bootstrap token."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels that it may not give itself."""


def wait_for_node(api: KubernetesApi, cloud: Connection, joiner: Joiner, wait: Wait) -> None:
    """Let a node in and return once it is Ready; then its token is taken away.

    Raises `NotReadyError` with what Kubernetes and the node's console say.
    """
    watch = _Watch(cloud, {joiner.node: joiner.server}, wait)
    made = str(cloud.compute.get_server(joiner.server).created_at)
    # One that Kubernetes was not told to forget would be taken for this server: Ready, for its last lease's time.
    _insist(watch, lambda: nodes.forget_older(api, joiner.node, made))
    _insist(watch, lambda: nodes.admit(api, joiner.node, joiner.token))
    while not (found := _insist(watch, lambda: nodes.health(api, joiner.node))).ready:
        watch.look(f"in Kubernetes: {found.reason}", quiet=not found.registered)
    if joiner.labels:
        # kubeadm gives them, too, but to the node that was known by this name when it began.
        _insist(watch, lambda: nodes.mark(api, joiner.node, joiner.labels))
    _insist(watch, lambda: nodes.dismiss(api, joiner.token))


def wait_for_boot(cloud: Connection, node: str, server: str, wait: Wait) -> None:
    """Return once a server says on its console that its boot is done.

    Raises `NotReadyError` with its console's last words.
    """
    watch = _Watch(cloud, {node: server}, wait)
    while not console(cloud, server).done:
        watch.look("its console does not say that it is done", pause=CONSOLE_POLL)


def forget_node(api: KubernetesApi, node: str, wait: Wait) -> None:
    """Remove a node whose server goes; an API that is away for seconds, as when its address moves, is asked again.

    Raises `ApiUnreachableError` or `ApiRefusedError` after the wait.
    """
    end = wait.clock() + wait.minutes * 60
    while True:
        try:
            return nodes.forget(api, node)
        except (ApiUnreachableError, ApiRefusedError):
            if wait.clock() >= end:
                raise
            wait.sleep(POLL)


def _insist(watch: "_Watch", ask: Callable[[], Result]) -> Result:
    """Ask until there is an answer: while control planes come and go, the API is away for seconds now and then."""
    while True:
        try:
            return ask()
        except (ApiUnreachableError, ApiRefusedError) as error:
            watch.look(str(error))


class _Watch:
    """Looks at consoles while something is waited for; ends the wait when it is over or without hope."""

    def __init__(self, cloud: Connection, servers: Mapping[str, str], wait: Wait) -> None:
        self._cloud = cloud
        self._servers = servers
        self._wait = wait
        self._began = wait.clock()
        self._looked = float("-inf")
        self._said = ""

    def look(self, state: str, *, quiet: bool = True, pause: float = POLL) -> None:
        """Take note of one look without success; pause. `quiet`: what the consoles say tells more than `state`."""
        now = self._wait.clock()
        late = now - self._began > self._wait.minutes * 60
        if late or now - self._looked >= CONSOLE_POLL:
            self._looked = now
            seen = {name: console(self._cloud, server) for name, server in self._servers.items()}
            self._say(seen, state, quiet=quiet)
            if late or any(one.gave_up for one in seen.values()):
                raise NotReadyError(_report(seen, state, (now - self._began) / 60))
        self._wait.sleep(pause)

    def _say(self, seen: Mapping[str, Console], state: str, *, quiet: bool) -> None:
        progress = "; ".join(f"{name}: {one.progress}" for name, one in seen.items() if one.progress)
        said = progress if quiet and progress else state
        if said != self._said:
            self._said = said
            self._wait.tell(said)


def _report(seen: Mapping[str, Console], state: str, minutes: float) -> str:
    """Return which server is stuck at which step, and its console's last lines."""
    lines = [f"not ready after {minutes:.0f} min; {state}"]
    for name, one in seen.items():
        lines.append(f"{name} is at: {one.progress or 'no word of its boot on its console'}; its console's last lines:")
        lines += [f"  {line}" for line in one.tail()] or ["  (the cloud shows none)"]
    return "\n".join(lines)

"""Looks at everything that a run rests on, and says what is not well before minutes are spent on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keystoneauth1.exceptions import ClientException
from openstack.connection import Connection
from openstack.exceptions import SDKException
from pulumi import automation

from cecf.automation.preflight import Preflight, preflight
from cecf.automation.stack_file import load
from cecf.cloud import connect
from cecf.cloud.room import shortage
from cecf.plan.network import OVERLAY_BYTES
from cecf.problems import CloudUnavailableError, InvalidInputError
from cecf.settings import ExistingNetwork, StackSettings

MICROVERSIONS = {
    "compute": ((2, 47), "a server tells its flavor's size"),
    "block-storage": ((3, 44), "an attachment says that it is done"),
}
"""The least microversion of a service, and what needs it."""

SMALLEST_MTU = 1280 + OVERLAY_BYTES
"""Bytes. Pods get what the overlay leaves of the nodes' network; below 1280 IPv6 and much else does not work."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    topic: str
    said: str
    well: bool = True


def examine(name: str, project_dir: Path) -> Iterator[Finding]:
    """Yield what is found, one after the other; what rests on something that is not well is left out."""
    yield from _engine(project_dir)
    try:
        settings = load(name, project_dir).settings
        yield Finding(topic="settings", said=f"of {name} are valid")
        connection = connect(settings.cloud)
        yield from _cloud(connection, settings)
        found = preflight(name, project_dir)
    except InvalidInputError as error:
        yield from (Finding(topic="settings", said=str(problem), well=False) for problem in error.problems)
    except CloudUnavailableError as error:
        yield Finding(topic="cloud", said=str(error), well=False)
    except (SDKException, ClientException) as error:
        yield Finding(topic="cloud", said=str(CloudUnavailableError(settings.cloud, error)), well=False)
    else:
        yield Finding(topic="names", said="image, flavors, zones, volume types and networks are there")
        yield from _quotas(found)


def _engine(project_dir: Path) -> Iterator[Finding]:
    try:
        workspace = automation.LocalWorkspace(work_dir=str(project_dir))
        yield Finding(topic="engine", said=f"Pulumi {workspace.pulumi_version}")
        who = workspace.who_am_i()
    except FileNotFoundError:
        yield Finding(topic="engine", said="pulumi is not on PATH. Mend: install it, or `make setup`", well=False)
    except (automation.CommandError, automation.InvalidVersionError) as error:
        said = str(error).strip().splitlines()[-1]
        yield Finding(topic="engine", said=f"{said}. Mend: pulumi login", well=False)
    else:
        yield Finding(topic="state", said=f"is kept at {who.url or 'Pulumi Cloud'}")


def _cloud(connection: Connection, settings: StackSettings) -> Iterator[Finding]:
    connection.authorize()
    project = connection.current_project_id
    yield Finding(topic="cloud", said=f"'{settings.cloud}' lets this credential into project {project}")
    for service, (least, needed) in MICROVERSIONS.items():
        yield _microversion(connection, service, least, needed)
    yield from _mtu(connection, settings)


def _microversion(connection: Connection, service: str, least: tuple[int, int], needed: str) -> Finding:
    proxy: Any = getattr(connection, service.replace("-", "_"))
    data = proxy.get_endpoint_data()
    most = data.max_microversion if data else None
    text = ".".join(map(str, most)) if most else "none"
    wanted = ".".join(map(str, least))
    if most and tuple(most) >= least:
        return Finding(topic=service, said=f"has microversions up to {text}")
    said = f"has microversions up to {text}, {wanted} is needed: {needed}. Mend: a newer OpenStack"
    return Finding(topic=service, said=said, well=False)


def _mtu(connection: Connection, settings: StackSettings) -> Iterator[Finding]:
    nodes = settings.cluster.network.nodes
    if isinstance(nodes, ExistingNetwork):
        there: Any = connection.network.find_network(nodes.network)
        mtu = there.mtu if there else None
    else:
        mtu = nodes.mtu
    if mtu:
        said = f"of the nodes' network is {mtu} bytes, of pods {mtu - OVERLAY_BYTES}"
        small = "" if mtu >= SMALLEST_MTU else f"; {SMALLEST_MTU} are needed. Mend: another network"
        yield Finding(topic="MTU", said=said + small, well=not small)


def _quotas(found: Preflight) -> Iterator[Finding]:
    for need in found.needs:
        if need.room is None:
            yield Finding(topic="quota", said=f"{need.quota}: {need.amount} more needed; the quota cannot be seen")
        elif need.lacks:
            yield Finding(topic="quota", said=str(shortage(need, need.room, found.project)), well=False)
    if not found.needs:
        yield Finding(topic="quota", said="nothing more is needed than is there")
    elif not any(need.lacks for need in found.needs):
        yield Finding(topic="quota", said=f"there is room for what is to come ({len(found.needs)} quotas)")
    yield from (Finding(topic="plan", said=note) for note in found.notes())

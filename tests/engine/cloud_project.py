"""Throw-away projects in the lab's cloud: each test has its own, with its own credential and quotas."""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openstack
import yaml
from openstack.connection import Connection
from openstack.exceptions import BadRequestException

from cecf.cloud.balancers import remove_load_balancer

PREFIX = "test-"


@dataclass(frozen=True)
class CloudProject:
    """A project: `name` is its entry in the clouds.yaml at `clouds_file`."""

    name: str
    id: str
    clouds_file: Path

    def connect(self) -> Connection:
        """Return a connection as the project's own user."""
        return openstack.connect(cloud=self.name, load_yaml_config=True, load_envvars=True)

    def servers(self) -> dict[str, Any]:
        """Return the project's servers by name."""
        return {server.name: server for server in self.connect().compute.servers()}


@contextmanager
def cloud_project(
    admin: Connection, clouds_file: Path, *, quota: Mapping[str, int] | None = None
) -> Iterator[CloudProject]:
    """Make a project with a member's application credential; delete it, and all that is in it, at the end.

    `quota` is by the quotas' names: `{"instances": 3, "gigabytes": 10, "port": 5}`.
    """
    name = f"{PREFIX}{secrets.token_hex(4)}"
    password = secrets.token_urlsafe(16)
    identity: Any = admin.identity  # version 2 or 3, to the type checker
    project = identity.create_project(name=name, domain_id="default")
    user = identity.create_user(name=name, password=password, domain_id="default", default_project_id=project.id)
    try:
        member = identity.find_role("member", ignore_missing=False)
        identity.assign_project_role_to_user(project, user, member)
        set_quotas(admin, project.id, quota or {})
        _add_entry(clouds_file, name, _credential(admin, user.id, name, password))
        yield CloudProject(name, project.id, clouds_file)
    finally:
        _empty(admin, project.id)
        _delete(identity, project, user)


def set_quotas(admin: Connection, project: str, quota: Mapping[str, int]) -> None:
    """Set quotas of Nova, Cinder and Neutron, each by the service that has it."""
    cinder = {name: limit for name, limit in quota.items() if name.startswith(("volumes", "gigabytes"))}
    nova = {name: limit for name, limit in quota.items() if name in ("instances", "cores", "ram", "server_groups")}
    neutron = {name: limit for name, limit in quota.items() if name not in {*cinder, *nova}}
    for own, change in (
        (nova, admin.set_compute_quotas),
        (cinder, admin.set_volume_quotas),
        (neutron, admin.set_network_quotas),
    ):
        if own:
            change(project, **own)


def _credential(admin: Connection, user_id: str, name: str, password: str) -> dict[str, str]:
    auth_url = admin.config.get_auth_args()["auth_url"]
    as_user: Any = openstack.connect(
        auth_url=auth_url,
        username=name,
        password=password,
        project_name=name,
        user_domain_id="default",
        project_domain_id="default",
        region_name=admin.config.get_region_name(),
    )
    # Unrestricted, as docs ask: a cluster whose snapshots go to Swift gets a narrower one of its own.
    made = _insist(lambda: as_user.identity.create_application_credential(user=user_id, name=name, unrestricted=True))
    return {
        "auth_url": auth_url,
        "application_credential_id": made.id,
        "application_credential_secret": made.secret,
    }


def _insist(ask: Callable[[], Any]) -> Any:
    """Ask again for a while: Keystone's cache may not know yet of a role that was given just now."""
    for _ in range(10):
        with contextlib.suppress(BadRequestException):
            return ask()
        time.sleep(1)
    return ask()


def _add_entry(clouds_file: Path, name: str, auth: Mapping[str, str]) -> None:
    clouds = yaml.safe_load(clouds_file.read_text())
    region = clouds["clouds"]["admin"]["region_name"]
    clouds["clouds"][name] = {"auth_type": "v3applicationcredential", "auth": dict(auth), "region_name": region}
    clouds_file.write_text(yaml.safe_dump(clouds))


def sweep(admin: Connection) -> None:
    """Delete the projects, and all that is in them, of test runs that were ended before they could do it.

    Their machines would go on running, and slow down everything after them.
    """
    identity: Any = admin.identity
    for project in identity.projects():
        if project.name.startswith(PREFIX):
            _empty(admin, project.id)
            user = identity.find_user(project.name, ignore_missing=True)
            _delete(identity, project, user)


def _delete(identity: Any, project: Any, user: Any | None) -> None:
    if user:
        identity.delete_user(user)
    identity.delete_project(project)


def _empty(admin: Connection, project: str) -> None:
    """Delete what a failed test left. A test that passes leaves nothing and asserts so itself."""
    own: Any = {"all_projects": True, "project_id": project}
    servers = list(admin.compute.servers(**own))
    for server in servers:
        admin.compute.delete_server(server)
    for server in servers:
        admin.compute.wait_for_delete(server, interval=1, wait=120)
    octavia: Any = admin.load_balancer
    for balancer in octavia.load_balancers(project_id=project):
        remove_load_balancer(admin, balancer)
    for snapshot in admin.block_storage.snapshots(**own):
        admin.block_storage.delete_snapshot(snapshot.id)
        admin.block_storage.wait_for_delete(snapshot, interval=1, wait=120)
    for volume in admin.block_storage.volumes(**own):
        # Whatever it was at when its test was ended.
        admin.block_storage.delete_volume(volume.id, force=True)
        admin.block_storage.wait_for_delete(volume, interval=1, wait=120)
    for group in admin.compute.server_groups(all_projects=True):
        if group.project_id == project:
            admin.compute.delete_server_group(group)
    _empty_networks(admin, project)


def _empty_networks(admin: Connection, project: str) -> None:
    network, own = admin.network, {"project_id": project}
    for address in network.ips(**own):
        network.delete_ip(address)
    for router in network.routers(**own):
        for port in network.ports(device_id=router.id, device_owner="network:router_interface"):
            router.remove_interface(network, port_id=port.id)
        network.delete_router(router)
    for port in network.ports(**own):
        network.delete_port(port)
    for own_network in network.networks(**own):
        network.delete_network(own_network)
    for security_group in network.security_groups(**own):
        if security_group.name != "default":
            network.delete_security_group(security_group)

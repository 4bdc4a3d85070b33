"""Fills the cloud with what `seed_data` says; what is there already stays.

Runs inside OpenStack's environment, in two halves: no service but Keystone starts
well before its user exists.
usage: python -m lab.openstack.seed identity|cloud
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, cast

import openstack
from openstack.connection import Connection
from openstack.identity.v3._proxy import Proxy

from lab.openstack import catalogue, seed_data, seeds
from lab.openstack.apis import SERVICE_USERS
from lab.openstack.config.context import DOMAIN, SERVICE_PROJECT
from lab.openstack.config.heat import STACK_DOMAIN, STACK_DOMAIN_ADMIN
from lab.openstack.secret import Secrets, write_private
from lab.openstack.site import NODES_REGION, REGION, Site
from lab.openstack.topology import VOLUME_BACKENDS, ZONES

# What an ordinary member may use; Octavia, Barbican and Heat ask for roles of their own.
_IMPLIED = {
    "member": ("load-balancer_member", "creator", "heat_stack_owner"),
    "admin": ("load-balancer_admin",),
}
_OTHER_ROLES = ("service", "heat_stack_user")


def main() -> None:
    """Seed one half."""
    site = Site.from_environment()
    secrets = seeds.secrets(site)
    cloud = sign_in(site, secrets, "admin")
    if sys.argv[1] == "identity":
        _seed_identity(cloud, site, secrets)
    else:
        _seed_cloud(cloud, site)
        credentials = {name: _application_credential(site, secrets, name) for name in seed_data.PROJECTS}
        write_private(seeds.mark(site), json.dumps({"digest": seeds.digest(), "credentials": credentials}))


def sign_in(site: Site, secrets: Secrets, user: str) -> Connection:
    """Sign in as a user to the project of the same name."""
    return openstack.connect(
        auth_url=site.url("keystone", "/v3"),
        username=user,
        password=secrets[user],
        project_name=user,
        user_domain_name=DOMAIN,
        project_domain_name=DOMAIN,
        region_name=REGION,
    )


def _identity(cloud: Connection) -> Proxy:
    """Keystone's third API; the SDK's types leave the second one possible."""
    return cast(Proxy, cloud.identity)


def _find(items: Iterable[Any], **wanted: object) -> Any:
    return next((item for item in items if all(getattr(item, key) == value for key, value in wanted.items())), None)


def _seed_identity(cloud: Connection, site: Site, secrets: Secrets) -> None:
    roles = _seed_roles(cloud)
    project = _ensure_project(cloud, SERVICE_PROJECT)
    for name in SERVICE_USERS:
        user = _ensure_user(cloud, name, secrets)
        for role in ("admin", "service"):
            _identity(cloud).assign_project_role_to_user(project, user, roles[role])
    for name in seed_data.PROJECTS:
        user = _ensure_user(cloud, name, secrets)
        _identity(cloud).assign_project_role_to_user(_ensure_project(cloud, name), user, roles["member"])
    _seed_stack_domain(cloud, secrets, roles["admin"])
    _seed_catalogue(cloud, site)


def _seed_roles(cloud: Connection) -> dict[str, Any]:
    roles = {role.name: role for role in _identity(cloud).roles()}
    for name in {*_IMPLIED, *sum(_IMPLIED.values(), ()), *_OTHER_ROLES} - set(roles):
        roles[name] = _identity(cloud).create_role(name=name)
    for prior, implied in _IMPLIED.items():
        for name in implied:
            _identity(cloud).put(f"/roles/{roles[prior].id}/implies/{roles[name].id}")
    return roles


def _ensure_project(cloud: Connection, name: str) -> Any:
    keystone = _identity(cloud)
    return keystone.find_project(name) or keystone.create_project(name=name, domain_id="default")


def _ensure_user(cloud: Connection, name: str, secrets: Secrets) -> Any:
    keystone = _identity(cloud)
    return keystone.find_user(name) or keystone.create_user(name=name, password=secrets[name], domain_id="default")


def _seed_stack_domain(cloud: Connection, secrets: Secrets, admin: Any) -> None:
    # Heat keeps the users of its stacks in a domain of their own.
    keystone = _identity(cloud)
    domain = keystone.find_domain(STACK_DOMAIN) or keystone.create_domain(name=STACK_DOMAIN)
    if not _find(keystone.users(domain_id=domain.id), name=STACK_DOMAIN_ADMIN):
        password = secrets[STACK_DOMAIN_ADMIN]
        user = keystone.create_user(name=STACK_DOMAIN_ADMIN, password=password, domain_id=domain.id)
        keystone.assign_domain_role_to_user(domain, user, admin)


def _seed_catalogue(cloud: Connection, site: Site) -> None:
    keystone = _identity(cloud)
    if not keystone.find_region(NODES_REGION):
        keystone.create_region(id=NODES_REGION, description="the same cloud, as its servers reach it")
    services = {service.type: service for service in keystone.services()}
    known = {(endpoint.service_id, endpoint.region_id) for endpoint in keystone.endpoints()}
    for wanted in catalogue.endpoints(site):
        service = services.get(wanted.kind) or keystone.create_service(name=wanted.service, type=wanted.kind)
        services[wanted.kind] = service
        if (service.id, wanted.region) not in known:
            place = {"service_id": service.id, "region_id": wanted.region, "url": wanted.url}
            for interface in ("public", "internal", "admin"):
                keystone.create_endpoint(interface=interface, **place)


def _seed_cloud(cloud: Connection, site: Site) -> None:
    _seed_zones(cloud)
    _seed_flavors(cloud)
    _seed_images(cloud)
    _seed_volume_types(cloud)
    _seed_external_network(cloud)
    _seed_shared_network(cloud, seed_data.SHARED_NETWORK)
    for project, quotas in seed_data.QUOTAS.items():
        identity = str(_ensure_project(cloud, project).id)
        _set_quotas(cloud, identity, quotas)
        _set_object_quota(cloud, site.url("swift", f"/v1/AUTH_{identity}"), quotas["object_store"]["bytes"])


def _seed_zones(cloud: Connection) -> None:
    aggregates = {aggregate.name: aggregate for aggregate in cloud.compute.aggregates()}
    for zone, hosts in ZONES.items():
        aggregate = aggregates.get(zone) or cloud.compute.create_aggregate(name=zone, availability_zone=zone)
        for host in set(hosts) - set(aggregate.hosts or ()):
            cloud.compute.add_host_to_aggregate(aggregate.id, host)


def _seed_flavors(cloud: Connection) -> None:
    known = {flavor.name: flavor for flavor in cloud.compute.flavors(get_extra_specs=True)}
    for wanted in seed_data.FLAVORS:
        size = {"vcpus": wanted.vcpus, "ram": wanted.ram_mib, "disk": wanted.disk_gib}
        flavor = known.get(wanted.name)
        if flavor and any(flavor[name] != value for name, value in size.items()):
            # A flavor's size is for ever; servers keep the one that they were made with.
            cloud.compute.delete_flavor(flavor)
            flavor = None
        flavor = flavor or cloud.compute.create_flavor(name=wanted.name, **size)
        if wanted.extra.items() - (flavor.extra_specs or {}).items():
            cloud.compute.create_flavor_extra_specs(flavor, wanted.extra)


def _seed_images(cloud: Connection) -> None:
    known = {image.name for image in cloud.image.images()}
    for image in seed_data.IMAGES:
        if image.name not in known:
            properties: dict[str, Any] = dict(image.properties)
            cloud.image.create_image(
                name=image.name,
                disk_format="raw",
                container_format="bare",
                visibility="public",
                data=f"{image.name}: no bytes of a system\n".encode(),
                **properties,
            )


def _seed_volume_types(cloud: Connection) -> None:
    known = {kind.name for kind in cloud.block_storage.types()}
    for name in VOLUME_BACKENDS:
        if name not in known:
            cloud.block_storage.create_type(name=name, extra_specs={"volume_backend_name": name})


def _seed_external_network(cloud: Connection) -> None:
    name, cidr = seed_data.EXTERNAL_NETWORK
    network = cloud.network.find_network(name) or cloud.network.create_network(
        name=name, is_router_external=True, provider_network_type="flat", provider_physical_network=name
    )
    if not network.subnet_ids:
        cloud.network.create_subnet(
            network_id=network.id, name=f"{name}-v4", ip_version=4, cidr=cidr, is_dhcp_enabled=False
        )


def _seed_shared_network(cloud: Connection, wanted: seed_data.SharedNetwork) -> None:
    project = str(_ensure_project(cloud, wanted.project).id)
    if cloud.network.find_network(wanted.name, project_id=project):
        return
    outside = cloud.network.find_network(seed_data.EXTERNAL_NETWORK[0], ignore_missing=False)
    network = cloud.network.create_network(name=wanted.name, project_id=project)
    first, last = wanted.allocation
    subnet = cloud.network.create_subnet(
        network_id=network.id,
        project_id=project,
        name=f"{wanted.name}-v4",
        ip_version=4,
        cidr=wanted.cidr,
        allocation_pools=[{"start": first, "end": last}],
    )
    router = cloud.network.create_router(
        name=wanted.name, project_id=project, external_gateway_info={"network_id": outside.id}
    )
    router.add_interface(cloud.network, subnet_id=subnet.id)


def _set_quotas(cloud: Connection, project: str, quotas: Mapping[str, dict[str, Any]]) -> None:
    cloud.compute.update_quota_set(project, **quotas["compute"])
    cloud.network.update_quota(project, **quotas["network"])
    cloud.block_storage.update_quota_set(project, **quotas["volume"])
    cloud.load_balancer.update_quota(project, **quotas["load_balancer"])


def _set_object_quota(cloud: Connection, account: str, size: int) -> None:
    # Swift keeps it with the account, which this makes.
    response = cloud.object_store.post(account, headers={"X-Account-Quota-Bytes": str(size)})
    response.raise_for_status()


def _application_credential(site: Site, secrets: Secrets, name: str) -> str:
    # Keystone lets nobody make one for somebody else: the user itself signs in.
    own = sign_in(site, secrets, name)
    keystone, user = _identity(own), str(own.current_user_id)
    known = _find(keystone.application_credentials(user), name=seed_data.APPLICATION_CREDENTIAL)
    # Unrestricted, so that a program can make narrower ones for its clusters.
    credential = known or keystone.create_application_credential(
        user,
        seed_data.APPLICATION_CREDENTIAL,
        secret=secrets[seeds.credential_secret(name)],
        unrestricted=True,
    )
    return str(credential.id)


if __name__ == "__main__":
    main()

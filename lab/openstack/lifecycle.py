"""Starting, ending and emptying the lab."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import lab.node_image
from cecf import versions
from lab.nova_driver import host, limits
from lab.openstack import clouds, machines, node_image, packages, schemas, secret, seeds, template, venv
from lab.openstack.fleet import Fleet
from lab.openstack.layout import Layout
from lab.openstack.lock import exclusive
from lab.openstack.process import Record
from lab.openstack.services import DAEMONS, environment
from lab.openstack.shell import Log, run, step
from lab.openstack.site import HOST, Site

_PROJECT = Path(__file__).parents[2]


def up(site: Site, log: Log) -> None:
    """Bring the lab to what this checkout says; what runs well as it is goes on running."""
    with exclusive(site, log):
        layout = _layout(site, log)
        fleet = Fleet(layout)
        disks = _node_disks(log)
        if fleet.is_current() and _data_is_current(layout, disks) and not fleet.faults():
            log(f"the lab is up: {site.clouds}")
        else:
            _bring_up(layout, fleet, disks, log)


def down(site: Site, log: Log) -> None:
    """End every process of the lab, machines too; what it holds is kept."""
    with exclusive(site, log), step(log, "ending the lab"):
        Fleet.end(site)
        machines.end(site, log)


def reset(site: Site, log: Log) -> None:
    """Make the lab an empty, freshly seeded cloud."""
    with exclusive(site, log):
        layout = _layout(site, log)
        fleet = Fleet(layout)
        with step(log, "emptying the lab"):
            # A state that tells of servers which are gone would only stand in the way.
            shutil.rmtree(site.stacks, ignore_errors=True)
            if template.path(site).exists():
                fleet.kill(service.name for service in layout.services if service.remembers)
                machines.remove(site, log)
                template.forget(site)
                _flush_cache(site)
            else:
                Fleet.end(site, grace=0)
                machines.remove(site, log)
                shutil.rmtree(site.var, ignore_errors=True)
        _bring_up(layout, fleet, _node_disks(log), log)


def _layout(site: Site, log: Log) -> Layout:
    packages.ensure_packages(log)
    return Layout.make(site, venv.ensure_venv(site, log))


def _node_disks(log: Log) -> dict[str, Path]:
    """Return the disks that nodes boot from, by their images' names, built first when they are not there.

    None where there are no machines.
    """
    if obstacle := host.obstacle():
        log(f"servers will be fake, without machines, as {obstacle}")
        return {}
    return {release.node_image: disk for release, disk in lab.node_image.ensure(log).items()}


def _data_is_current(layout: Layout, disks: dict[str, Path]) -> bool:
    return (
        seeds.are_current(layout.site)
        and schemas.are_current(layout.context)
        and not node_image.missing(layout.site, disks)
    )


def _bring_up(layout: Layout, fleet: Fleet, disks: dict[str, Path], log: Log) -> None:
    site = layout.site
    if disks:
        limits.lift(machines.places(site))
    fleet.stop_outdated()
    if not (site.var / "mysql").exists():
        with step(log, "databases"):
            if not template.restore(site):
                _install_database(site)
    layout.write()
    with step(log, "daemons"):
        fleet.start(DAEMONS)
        # The broker takes longer, but nobody misses it before the others have loaded.
        fleet.wait(("mariadb",))
    if not schemas.are_current(layout.context):
        with step(log, "schemas"):
            schemas.ensure(layout.context)
    if seeds.are_current(site):
        # It may come from the template, or the ports or the secrets may have changed since.
        _python(layout, "lab.openstack.adopt")
        _start_services(layout, fleet, log)
    else:
        # Only a cloud that nobody has used yet may become the template of others.
        unused = not seeds.mark(site).exists()
        _seed(layout, fleet, log)
        if unused:
            _keep_template(layout, log)
    if disks:
        _provide_node_images(layout, disks, log)
    credentials = seeds.credential_ids(site)
    secret.write_private(site.clouds, clouds.render(site, layout.context.secrets, credentials))
    log(f"the lab is up: {site.clouds}")


def _start_services(layout: Layout, fleet: Fleet, log: Log) -> None:
    names = tuple(service.name for service in layout.services)
    with step(log, "services"):
        fleet.start(names)
        fleet.wait(names)


def _seed(layout: Layout, fleet: Fleet, log: Log) -> None:
    with step(log, "users and service catalogue"):
        fleet.start(("keystone-api",))
        fleet.wait(("keystone-api",))
        _python(layout, "lab.openstack.seed", "identity")
    _start_services(layout, fleet, log)
    with step(log, "zones, flavors, images, networks, quotas"):
        schemas.discover_hosts(layout.context)
        _python(layout, "lab.openstack.seed", "cloud")


def _provide_node_images(layout: Layout, disks: dict[str, Path], log: Log) -> None:
    if missing := node_image.missing(layout.site, disks):
        with step(log, f"{' and '.join(missing)} into Glance"):
            _python(layout, "lab.openstack.register", *(str(each) for pair in missing.items() for each in pair))
    node_image.fill_pool(layout.site, disks[versions.DEFAULT.node_image], log)


def _keep_template(layout: Layout, log: Log) -> None:
    database = Record.read(layout.site.record("mariadb"))
    process = database.process() if database else None
    if process:
        with step(log, "keeping a copy for the next first start and for reset"):
            template.save(layout.context, process)


def _install_database(site: Site) -> None:
    new = site.var / "mysql.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    options = ("--auth-root-authentication-method=normal", "--skip-test-db")
    run(["mariadb-install-db", "--no-defaults", f"--datadir={new}", *options])
    new.rename(site.var / "mysql")


def _python(layout: Layout, *module: str) -> None:
    """Run a module of this checkout inside OpenStack's environment."""
    site = layout.site
    here = {
        "PYTHONPATH": str(_PROJECT),
        "CECF_LAB": str(site.state),
        "CECF_CACHE": str(site.cache),
        "CECF_LAB_PORT_OFFSET": str(site.offset),
    }
    python = layout.context.venv / "bin/python"
    run([python, "-m", *module], env=environment(layout.context) | here)


def _flush_cache(site: Site) -> None:
    # Its clients would leave a restarted memcached alone for half a minute.
    try:
        with socket.create_connection((HOST, site.port("memcached")), 1) as connection:
            connection.sendall(b"flush_all\r\n")
            connection.recv(16)
    except OSError:
        # What does not run remembers nothing.
        return

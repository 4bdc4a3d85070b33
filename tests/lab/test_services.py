"""The table of processes and what their fingerprints notice."""

import subprocess
import sys
from dataclasses import replace

import pytest

from lab.nova_driver import host
from lab.openstack import config, driver_package, health
from lab.openstack.config import Context
from lab.openstack.services import DAEMONS, Service, services


def _by_name(context: Context) -> dict[str, Service]:
    return {service.name: service for service in services(context, config.render(context))}


def test_every_service_has_a_check(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """`status` asks all of them, in the order in which they start."""
    monkeypatch.setattr(host, "obstacle", lambda: "")
    assert list(health._CHECKS) == list(_by_name(context))
    assert set(DAEMONS) <= set(health._CHECKS)


def test_fingerprint_is_stable(context: Context) -> None:
    """Two looks at the same checkout see the same."""
    first, second = _by_name(context), _by_name(context)
    assert {name: item.fingerprint for name, item in first.items()} == {
        name: item.fingerprint for name, item in second.items()
    }


def test_changed_configuration_restarts_its_service_only(context: Context) -> None:
    """A service is restarted for its own files and for no others."""
    files = config.render(context)
    before = {service.name: service.fingerprint for service in services(context, files)}
    files["heat/heat.conf"] += "# changed\n"
    after = {service.name: service.fingerprint for service in services(context, files)}
    assert {name for name in before if before[name] != after[name]} == {"heat-api", "heat-engine"}


def test_changed_driver_restarts_its_service_only(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drivers are named after the service that loads them."""
    before = {name: service.fingerprint for name, service in _by_name(context).items()}
    digest = driver_package.digest
    monkeypatch.setattr(
        driver_package, "digest", lambda service="": digest(service) + ("!" if service == "cinder" else "")
    )
    after = {name: service.fingerprint for name, service in _by_name(context).items()}
    assert {name for name in before if before[name] != after[name]} == {
        "cinder-api",
        "cinder-scheduler",
        "cinder-volume",
    }


def test_changed_machine_driver_restarts_nova_only(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs machines is part of Nova's drivers, and of nobody else's."""
    before = {name: service.fingerprint for name, service in _by_name(context).items()}
    monkeypatch.setitem(driver_package._USED, "nova", ("nova_driver/*.py",))
    after = {name: service.fingerprint for name, service in _by_name(context).items()}
    assert {name.partition("-")[0] for name in before if before[name] != after[name]} == {"nova"}


def test_without_machines_there_is_no_fabric_and_nova_knows(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab of fake servers needs neither root nor loop devices."""
    monkeypatch.setattr(host, "obstacle", lambda: "")
    assert _by_name(context)["nova-computes"].env["LAB_MACHINES"] == "yes"
    monkeypatch.setattr(host, "obstacle", lambda: "they need root")
    assert "fabric" not in _by_name(context)
    assert _by_name(context)["nova-computes"].env["LAB_MACHINES"] == "no"


def test_no_secret_is_on_a_command_line(context: Context) -> None:
    """Everybody on a machine can read arguments."""
    arguments = " ".join(word for service in _by_name(context).values() for word in service.argv)
    assert not [name for name, value in context.secrets.values.items() if value in arguments]


def test_another_python_environment_restarts_what_is_python(context: Context) -> None:
    """A new release reaches every service, and no daemon."""
    other = replace(context, venv=context.venv / "other")
    before, after = _by_name(context), _by_name(other)
    same = {name for name in before if before[name].fingerprint == after[name].fingerprint}
    assert same == set(DAEMONS)


def test_installed_drivers_follow_the_checkout(context: Context) -> None:
    """A driver that the checkout has no more is not imported any longer."""
    package = context.site.drivers / "labdrivers"
    package.mkdir(parents=True)
    (package / "old.py").touch()
    driver_package.install(context.site)
    assert not (package / "old.py").exists()
    assert (package / "nova_virt.py").exists()
    assert (context.site.drivers / "labdrivers-1.0.dist-info/entry_points.txt").exists()


def test_what_the_drivers_import_is_copied_with_them(context: Context) -> None:
    """A running lab needs no checkout."""
    stale = context.site.drivers / "lab/nova_driver/old/old.py"
    stale.parent.mkdir(parents=True)
    stale.touch()
    driver_package.install(context.site)
    installed = context.site.drivers / "lab"
    assert not stale.parent.exists()
    assert all((installed / name).exists() for name in ("__init__.py", "nova_driver/shims/init.sh", "fabric/links.py"))
    script = "import lab.nova_driver.launch, lab.fabric.__main__; print(lab.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(context.site.drivers)},
        cwd=context.site.drivers,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(context.site.drivers))

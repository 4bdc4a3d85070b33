"""The table of processes and what their fingerprints notice."""

from dataclasses import replace

import pytest

from lab.openstack import config, driver_package, health
from lab.openstack.config import Context
from lab.openstack.services import DAEMONS, Service, services


def _by_name(context: Context) -> dict[str, Service]:
    return {service.name: service for service in services(context, config.render(context))}


def test_every_service_has_a_check(context: Context) -> None:
    """`status` asks all of them, in the order in which they start."""
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

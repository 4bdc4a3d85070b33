"""The services' configuration files, rendered but not read by any service."""

import configparser
import re
from dataclasses import replace

import pytest

from lab.openstack import config
from lab.openstack.config import Context
from lab.openstack.site import PORTS, Site
from lab.openstack.topology import HOSTS, VOLUME_BACKENDS


def _parse(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return parser


def test_every_ini_file_parses(context: Context) -> None:
    """No option is written twice, and each stands in a section."""
    files = config.render(context)
    parsed = [_parse(text) for name, text in files.items() if not name.startswith("rabbitmq/")]
    assert len(parsed) == len(files) - 2


def test_rendering_is_repeatable(context: Context) -> None:
    """The same facts give the same bytes, or else every `up` would restart the lab."""
    assert config.render(context) == config.render(context)


def test_nothing_listens_elsewhere(context: Context) -> None:
    """No address but loopback is written anywhere."""
    addresses = re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", "".join(config.render(context).values()))
    assert set(addresses) == {"127.0.0.1"}


def test_compute_knows_no_database(context: Context) -> None:
    """nova-compute refuses to start otherwise."""
    common = _parse(config.render(context)["nova/nova.conf"])
    assert not {"database", "api_database"} & set(common.sections())


def test_every_host_and_backend_is_configured(context: Context) -> None:
    """The topology is what is rendered."""
    files = config.render(context)
    assert {f"nova/hosts/{host}.conf" for host in HOSTS} <= set(files)
    assert set(VOLUME_BACKENDS) <= set(_parse(files["cinder/cinder.conf"]).sections())


def test_no_secret_is_shared(context: Context) -> None:
    """Each name has a value of its own."""
    values = list(context.secrets.values.values())
    assert len(values) == len(set(values))


def test_offset_moves_every_port(context: Context) -> None:
    """A second lab shares no port with the first."""
    moved = replace(context, site=replace(context.site, offset=10000))
    assert config.render(moved) != config.render(context)
    ports = "".join(config.render(moved).values())
    assert not re.search(rf":({'|'.join(map(str, PORTS.values()))})\b", ports)


@pytest.mark.parametrize("offset", [0, 10000, 12000, 20000])
def test_usual_offsets_do_not_collide(offset: int) -> None:
    """Offsets that people take keep clear of the default lab and of short-lived ports."""
    site = Site.from_environment()
    moved = {replace(site, offset=offset).port(name) for name in PORTS}
    assert len(moved) == len(PORTS)
    assert max(moved) < 32768
    assert not offset or not moved & set(PORTS.values())


def test_written_files_are_private_and_no_others_stay(context: Context) -> None:
    """What an older checkout rendered is gone; passwords are for their owner alone."""
    stale = context.site.etc / "heat/old.conf"
    stale.parent.mkdir(parents=True)
    stale.touch()
    files = config.render(context)
    config.write(context.site, files)
    written = [path for path in context.site.etc.rglob("*") if path.is_file()]
    assert {str(path.relative_to(context.site.etc)) for path in written} == set(files)
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}

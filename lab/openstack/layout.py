"""What this checkout would run, and the files that it needs for that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.openstack import config, driver_package, secret, seeds
from lab.openstack.config.context import Context, Files
from lab.openstack.services import Service, services
from lab.openstack.site import Site
from lab.openstack.topology import HOSTS, host_uuid

_FOLDERS = ("home", "rabbitmq", "octavia", "cinder", "neutron", "glance/staging", "glance/tasks", "swift/disk")


@dataclass(frozen=True)
class Layout:
    """Facts, configuration files and processes of one lab."""

    context: Context
    files: Files
    services: tuple[Service, ...]

    @classmethod
    def make(cls, site: Site, venv: Path) -> Layout:
        """Render everything; writes nothing but secrets that are not there yet."""
        context = Context(site, seeds.secrets(site), venv)
        files = config.render(context)
        return cls(context, files, services(context, files))

    @property
    def site(self) -> Site:
        """Where the lab is."""
        return self.context.site

    def write(self) -> None:
        """Write what the services read at their start."""
        for folder in (self.site.log, self.site.run, *(self.site.var / name for name in _FOLDERS)):
            folder.mkdir(parents=True, exist_ok=True)
        self._identify_hosts()
        self._make_keys()
        self._link_client()
        config.write(self.site, self.files)
        driver_package.install(self.site)

    def _identify_hosts(self) -> None:
        # Without its identity nova-compute believes at the second start that it has lost its state.
        for host in HOSTS:
            state = self.site.var / "nova" / host
            state.mkdir(parents=True, exist_ok=True)
            (state / "compute_id").write_text(host_uuid(host))

    def _make_keys(self) -> None:
        keys = self.site.state / "keys"
        secret.ensure_key_folder(keys / "fernet")
        secret.ensure_key_folder(keys / "credential")
        secret.ensure_authority(keys / "octavia", self.context.secrets["octavia-ca"])

    def _link_client(self) -> None:
        # In a folder of its own: the environment's whole bin/ on PATH would change the caller's Python.
        link = self.site.bin / "openstack"
        link.parent.mkdir(exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(self.context.venv / "bin/openstack")

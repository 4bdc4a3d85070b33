"""Volumes as sparse files, made the first time that a machine uses them: those of fake servers cost nothing."""
# mypy: ignore-errors
# Cinder is not installed where this project is type-checked.

import os
import subprocess
from pathlib import Path

from cinder.tests import fake_driver

_GIB = 2**30


class LabVolumeDriver(fake_driver.FakeLoggingVolumeDriver):
    """Cinder's own fake driver as one endless pool, named as its backend, with a folder of files beside it."""

    def initialize_connection(self, volume, connector):
        """Tell Nova's driver where the file is, or will be."""
        connection = super().initialize_connection(volume, connector)
        place = {"volume_id": volume.id, "path": str(_file(volume)), "size": volume.size * _GIB}
        return {"driver_volume_type": "lab", "data": {**connection["data"], **place}}

    def delete_volume(self, volume):
        """Delete the file."""
        _file(volume).unlink(missing_ok=True)

    def extend_volume(self, volume, new_size):
        """Have the file grow; a machine that uses it is told by Nova."""
        if _file(volume).exists():
            os.truncate(_file(volume), new_size * _GIB)

    def create_snapshot(self, snapshot):
        """Keep a copy of what the volume holds."""
        _copy(_file(snapshot.volume), _file(snapshot))

    def delete_snapshot(self, snapshot):
        """Delete the copy."""
        _file(snapshot).unlink(missing_ok=True)

    def create_volume_from_snapshot(self, volume, snapshot):
        """Begin with what the snapshot holds."""
        _copy(_file(snapshot), _file(volume))

    def create_cloned_volume(self, volume, src_vol):
        """Begin with what another volume holds."""
        _copy(_file(src_vol), _file(volume))

    def revert_to_snapshot(self, context, volume, snapshot):  # noqa: ARG002 (Cinder's signature)
        """Give the volume back what the snapshot holds."""
        _copy(_file(snapshot), _file(volume))

    def clone_image(self, context, volume, image_location, image_meta, image_service):  # noqa: ARG002 (Cinder's signature)
        """Have a volume from an image ready at once, without the image's bytes."""
        return {}, True

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        """Upload nothing."""

    def retype(self, context, volume, new_type, diff, host):  # noqa: ARG002 (Cinder's signature)
        """Agree to any type: all of them are files of the same folder."""
        return True

    def _update_volume_stats(self):
        name = self.configuration.safe_get("volume_backend_name")
        pool = {
            "pool_name": name,
            "total_capacity_gb": "infinite",
            "free_capacity_gb": "infinite",
            "provisioned_capacity_gb": 0,
            "reserved_percentage": 0,
            "max_over_subscription_ratio": "1000",
            "thin_provisioning_support": True,
            "online_extend_support": True,
            "multiattach": True,
            "QoS_support": True,
            "filter_function": self.get_filter_function(),
            "goodness_function": self.get_goodness_function(),
        }
        self._stats = {
            "volume_backend_name": name,
            "vendor_name": "lab",
            "driver_version": "1.0",
            "storage_protocol": "fake",
            "pools": [pool],
        }


def _file(volume):
    # As `Places.volumes` in lab/nova_driver has it; snapshots are beside the volumes.
    return Path(os.environ["CECF_LAB"], "var/cinder/volumes", f"{volume.id}.img")


def _copy(source, target):
    # What no machine has used yet is as empty as no file.
    target.unlink(missing_ok=True)
    if source.exists():
        subprocess.run(["/bin/cp", "--sparse=always", "--reflink=auto", source, target], check=True)

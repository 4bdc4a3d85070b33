"""Volumes without storage behind them."""
# mypy: ignore-errors
# Cinder is not installed where this project is type-checked.

from cinder.tests import fake_driver


class LabVolumeDriver(fake_driver.FakeLoggingVolumeDriver):
    """Cinder's own fake driver as one endless pool, named as its backend."""

    def clone_image(self, context, volume, image_location, image_meta, image_service):  # noqa: ARG002 (Cinder's signature)
        """Have a volume from an image ready at once."""
        return {}, True

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        """Upload nothing."""

    def retype(self, context, volume, new_type, diff, host):  # noqa: ARG002 (Cinder's signature)
        """Agree to any type."""
        return True

    def revert_to_snapshot(self, context, volume, snapshot):
        """Revert nothing."""

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

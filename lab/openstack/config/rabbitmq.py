"""RabbitMQ."""

from __future__ import annotations

from lab.openstack.config.context import RABBIT_USER, Context, Files
from lab.openstack.site import HOST


def render(context: Context) -> Files:
    """Render the broker's configuration."""
    options = {
        "listeners.tcp.1": f"{HOST}:{context.site.port('rabbitmq')}",
        "default_user": RABBIT_USER,
        "default_pass": context.secrets["rabbitmq"],
        "vm_memory_high_watermark.absolute": "1GiB",
        "log.console": "true",
        "log.console.level": "warning",
        "log.file": "false",
        "collect_statistics_interval": 60000,
    }
    return {
        "rabbitmq/rabbitmq.conf": "".join(f"{key} = {value}\n" for key, value in options.items()),
        "rabbitmq/enabled_plugins": "[].\n",
    }

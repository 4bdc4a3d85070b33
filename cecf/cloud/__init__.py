"""What CECF itself asks of OpenStack, through openstacksdk: look-ups before a plan, and what a stack left behind.

Creating, changing and deleting is the engine's; nothing here knows of Pulumi.
"""

from cecf.cloud.connection import connect
from cecf.cloud.lookup import look_up, look_up_flavors
from cecf.problems import CloudUnavailableError

__all__ = ["CloudUnavailableError", "connect", "look_up", "look_up_flavors"]

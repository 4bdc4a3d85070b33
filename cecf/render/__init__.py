"""Every file that a node will hold, as text. Pure: data in, text out, the same bytes for the same plan."""

from cecf.render.cloud_init import UserDataTooLongError
from cecf.render.facts import NodeFacts, placeholder
from cecf.render.node import user_data

__all__ = ["NodeFacts", "UserDataTooLongError", "placeholder", "user_data"]

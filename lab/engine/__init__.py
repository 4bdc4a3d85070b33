"""The Pulumi engine of the lab: found on this machine, installed officially, or built from pinned Go modules.

The Python packages of Pulumi hold neither the engine nor the OpenStack plugin. ``ensure()`` comes by both, and
``environment()`` says which variables lead a process to them.
"""

from lab.engine.errors import EngineError
from lab.engine.model import Engine
from lab.engine.provision import ensure, environment, locate

__all__ = ["Engine", "EngineError", "ensure", "environment", "locate"]

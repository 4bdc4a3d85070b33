"""The node image: the disk that a server of the lab boots from, made as a real cloud's image would be.

``ensure()`` comes by it; docs/operations/node-image.md says what it holds.
"""

from lab.node_image.provision import ensure, locate

__all__ = ["ensure", "locate"]

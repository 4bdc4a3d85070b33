"""The node images: the disks that servers of the lab boot from, made as a real cloud's image would be.

There is one for each release of Kubernetes that the lab has. ``ensure()`` comes by them; docs/operations/node-image.md
says what they hold.
"""

from lab.node_image.provision import ensure, locate

__all__ = ["ensure", "locate"]

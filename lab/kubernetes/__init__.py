"""Kubernetes for the lab: programs and container images, built from pinned Go modules into the cache.

``ensure()`` comes by them, of each release that nodes of the lab may have; nothing is asked of a registry of images.
"""

from lab.kubernetes.model import Kubernetes
from lab.kubernetes.provision import ensure, locate

__all__ = ["Kubernetes", "ensure", "locate"]

"""Somebody who writes to a cluster's API while things happen to it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError, KubernetesApi


@dataclass
class Writer:
    """Writes numbered ConfigMaps as fast as it gets answers, and remembers which were acknowledged and when."""

    api: KubernetesApi
    namespace: str
    kib: int = 0
    """KiB that each carries besides its number."""
    acknowledged: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    failures: int = 0
    ended: float = 0.0

    def run(self, stop: threading.Event) -> None:
        """Write until told to stop."""
        number = 0
        while not stop.is_set():
            number += 1
            document = {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": f"write-{number}", "namespace": self.namespace},
                "data": {"number": str(number), "load": "x" * (self.kib << 10)},
            }
            try:
                self.api.apply(f"/api/v1/namespaces/{self.namespace}/configmaps/write-{number}", document)
            except (ApiUnreachableError, ApiRefusedError):
                self.failures += 1
                time.sleep(0.1)
            else:
                self.acknowledged.append(number)
                self.times.append(time.monotonic())
        self.ended = time.monotonic()

    @property
    def longest_gap(self) -> float:
        """Return the longest time without an acknowledged write, in seconds; one that never ended counts to the end."""
        return max(later - earlier for earlier, later in pairwise([*self.times, self.ended]))

    def missing(self, configmaps: Any) -> list[int]:
        """Return which acknowledged writes are not among the namespace's ConfigMaps."""
        kept = {int(item["data"]["number"]) for item in configmaps["items"] if "number" in item["data"]}
        return sorted(set(self.acknowledged) - kept)


@contextmanager
def writing(api: KubernetesApi, namespace: str, kib: int = 0) -> Iterator[Writer]:
    """Write for the time of a block."""
    writer, stop = Writer(api, namespace, kib), threading.Event()
    thread = threading.Thread(target=writer.run, args=(stop,))
    thread.start()
    try:
        yield writer
    finally:
        stop.set()
        thread.join()

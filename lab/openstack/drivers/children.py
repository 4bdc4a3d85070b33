"""A service of several processes that share what they have imported: started together, and ended together."""

import gc
import os
import signal
import sys
from collections.abc import Iterable


def freeze() -> None:
    """Have children share what is in memory: else the collector would write to, and so copy, every page of it."""
    gc.collect()
    gc.freeze()


def tend(children: dict[int, str]) -> None:
    """Wait until a child ends, then end the others; `children` are the names of all, by process."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _end(children))
    pid, status = os.wait()
    sys.stderr.write(f"{children.pop(pid)} ended with {status}, so the others end too\n")
    _end(children)
    while children:
        children.pop(os.wait()[0], None)


def _end(children: Iterable[int]) -> None:
    for pid in children:
        os.kill(pid, signal.SIGTERM)

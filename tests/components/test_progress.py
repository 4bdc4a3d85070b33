"""What a resource that waits tells, and how Ctrl-C ends its wait."""

import sys
from collections.abc import Iterator

import pytest

from cecf.kubernetes.waiting import NotReadyError
from cecf_components import progress


class Servicer:
    """Stands in for the SDK's plugin for dynamic resources."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def Cancel(self, request: object, _context: object) -> str:  # noqa: N802 (the SDK's name)
        """Take the engine's request to cancel."""
        self.heard.append(request)
        return "done"


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Servicer]]:
    """Make this process the plugin."""
    kind = type("DynamicResourceProviderServicer", (Servicer,), {"Cancel": Servicer.Cancel})
    monkeypatch.setattr(sys.modules["__main__"], "DynamicResourceProviderServicer", kind, raising=False)
    progress._cancelled.clear()
    yield kind
    progress._cancelled.clear()


def test_a_wait_that_nobody_ends_goes_on(plugin: type[Servicer]) -> None:
    assert plugin
    wait = progress.waiting("dev-general-1-ready", 5)
    wait.sleep(0.001)
    assert wait.minutes == 5


def test_a_request_to_cancel_ends_every_wait_and_reaches_the_sdk_once(plugin: type[Servicer]) -> None:
    waits = [progress.waiting(name, 5) for name in ("a", "b")]
    servicer = plugin()
    assert servicer.Cancel("request", None) == "done"
    assert servicer.heard == ["request"]
    for wait in waits:
        with pytest.raises(NotReadyError, match="the next run waits again"):
            wait.sleep(60)


def test_outside_of_the_plugin_there_is_nothing_to_listen_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sys.modules["__main__"], "DynamicResourceProviderServicer", raising=False)
    progress._cancelled.clear()
    progress.waiting("dev-general-1-ready", 5).sleep(0.001)

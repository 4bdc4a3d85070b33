"""What a resource that waits has said last is kept beside its name, for the progress display."""

import pytest
from pulumi.automation.events import DiagnosticEvent, EngineEvent

from cecf.automation.events import Run


def said(text: str, severity: str = "info") -> EngineEvent:
    """Return the event of something said."""
    message = DiagnosticEvent(message=text, color="never", severity=severity)
    return EngineEvent(sequence=1, timestamp=0, diagnostic_event=message)


def notes(*events: EngineEvent) -> dict[str, str]:
    """Return what is kept of some events."""
    run = Run()
    for event in events:
        run.apply(event)
    return run.notes


def test_the_newest_news_of_each_resource_is_kept() -> None:
    assert notes(
        said("dev-general-1-ready: dev-general-1: kernel: begins\n"),
        said("dev-general-2-ready: dev-general-2: kernel: begins\n"),
        said("dev-general-1-ready: in Kubernetes: cni plugin not initialized\n"),
    ) == {
        "dev-general-1-ready": "in Kubernetes: cni plugin not initialized",
        "dev-general-2-ready": "dev-general-2: kernel: begins",
    }


@pytest.mark.parametrize("severity", ["debug", "info#err", "error", "warning"])
def test_what_is_no_news_is_not_kept(severity: str) -> None:
    assert notes(said("dev-general-1-ready: something", severity)) == {}


@pytest.mark.parametrize("text", ["", "no subject", "a subject: "])
def test_what_is_about_nothing_is_not_kept(text: str) -> None:
    assert notes(said(text)) == {}

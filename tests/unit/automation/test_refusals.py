"""What CECF itself refuses is known by how it starts, whatever the engine puts around it."""

from pulumi.automation.events import DiagnosticEvent, EngineEvent

from cecf.automation.events import Run
from cecf.automation.stack import OperationFailedError
from cecf.problems import REFUSAL

LINE = f"{REFUSAL} to replace server dev-control-plane-2: etcd of dev has 3 members"


def errors(*texts: str) -> list[str]:
    """Return what a run says went wrong when the engine says so."""
    run = Run()
    for text in texts:
        message = DiagnosticEvent(message=text, color="never", severity="error")
        run.apply(EngineEvent(sequence=1, timestamp=0, diagnostic_event=message))
    return run.errors


def test_a_refused_step_is_told_once_and_without_the_engine_s_frame() -> None:
    said = errors(
        f'Preview failed: before hook "cecf-keep-quorum" failed: {LINE}',
        f'before hook "cecf-keep-quorum" failed: {LINE}',
        "preview failed",
    )
    failed = OperationFailedError(said)
    assert str(failed) == LINE
    assert failed.refused


def test_a_lost_state_is_no_refusal_of_settings() -> None:
    failed = OperationFailedError(errors('before hook "cecf-clear-the-way" failed: network dev exists and is in use'))
    assert str(failed) == "network dev exists and is in use"
    assert not failed.refused

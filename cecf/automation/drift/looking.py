"""What of a stack is not as declared: in OpenStack, and in what its cluster's components run with."""

from cecf.automation.drift.cloud import of_cloud
from cecf.automation.drift.model import Report, joined
from cecf.automation.drift.settings import of_settings
from cecf.automation.stack import Stack


def find(stack: Stack, *, settings: bool = True) -> Report:
    """Look for drift. Raises `OperationFailedError` where another run holds the stack."""
    reports = [of_cloud(stack)]
    if settings:
        reports.append(of_settings(stack))
    return joined(reports)

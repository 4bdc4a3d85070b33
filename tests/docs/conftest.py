"""What the dev stack registers, for pages that say so."""

import pytest

from stacks.dev import build
from tests.helpers import clusters
from tests.helpers.engine_spy import Recording, record


@pytest.fixture(scope="session")
def dev() -> Recording:
    """Return the registrations of a dev stack that has everything, in a cloud that has everything it names."""
    everything = {**clusters.REACHABLE, "etcd": {"topology": "external"}}
    settings, plan = clusters.settings("dev", everything), clusters.plan("dev", everything)
    return record(lambda: build(settings, plan, "dev"), "dev")

"""What the dev stack registers, for pages that say so."""

import pytest

from stacks import BUSINESSES, common
from tests.helpers import clusters
from tests.helpers.engine_spy import Recording, record


@pytest.fixture(scope="session")
def dev() -> Recording:
    """Return the registrations of a dev stack that reaches its API, in a cloud that has everything it names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "connect", lambda cloud: cloud)
        patch.setattr(common, "look_up", lambda _connection, _settings, _owner: clusters.CATALOG)
        return record(lambda: BUSINESSES["dev"].build(clusters.settings("dev", clusters.REACHABLE), "dev"), "dev")

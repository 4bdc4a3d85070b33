"""Options and profiles of all tests."""

import hypothesis
import pytest

# Neither a deadline nor a check of speed: how long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile(
    "cecf", deadline=None, max_examples=50, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("cecf")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that rewrites the golden files."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; review the diff")


def pytest_configure(config: pytest.Config) -> None:
    """Ignore what openstacksdk 4 says of itself whenever it makes one of its objects."""
    config.addinivalue_line("filterwarnings", "ignore::PendingDeprecationWarning:openstack")

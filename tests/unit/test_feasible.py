"""Between valid settings and a plan: the cloud's answer, and what a server can take."""

import pytest

from cecf import feasible
from cecf.problems import InvalidInputError
from cecf.render import cloud_init
from tests.helpers import clusters


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a cloud that has what every business names."""
    monkeypatch.setattr(feasible, "connect", lambda cloud: cloud)
    monkeypatch.setattr(feasible, "check_room", lambda *_: None)
    monkeypatch.setattr(feasible, "look_up", lambda _connection, _settings, _owner: clusters.CATALOG)


def test_where_the_cloud_has_everything_there_is_a_plan() -> None:
    assert feasible.feasible_plan(clusters.settings("finance"), "finance") == clusters.plan("finance")


def test_user_data_that_a_server_does_not_take_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud_init, "USER_DATA_LIMIT", 1000)
    with pytest.raises(InvalidInputError, match="Nova takes 1000"):
        feasible.feasible_plan(clusters.settings("dev"), "dev")

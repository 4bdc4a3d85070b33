"""A node of a server that is gone is not taken for the one of the server after it."""

import pytest

from cecf.kubernetes.nodes import forget_older
from tests.unit.kubernetes.conftest import Api

NODE = "/api/v1/nodes/dev-general-1"


@pytest.mark.parametrize(
    ("registered", "stays"),
    [("2026-11-21T11:59:59Z", False), ("2026-11-21T12:00:00Z", True), ("2026-11-21T12:03:00Z", True)],
)
def test_a_node_is_forgotten_that_was_there_before_its_server(api: Api, registered: str, *, stays: bool) -> None:
    api.objects[NODE] = {"kind": "Node", "metadata": {"creationTimestamp": registered}}
    forget_older(api.client, "dev-general-1", "2026-11-21T12:00:00Z")
    assert (NODE in api.objects) is stays


def test_where_there_is_no_node_nothing_is_deleted(api: Api) -> None:
    forget_older(api.client, "dev-general-1", "2026-11-21T12:00:00Z")
    assert [request.method for request in api.requests] == ["GET"]

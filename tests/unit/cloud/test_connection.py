"""A cloud that cannot be used is refused in one line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cecf.cloud import CloudUnavailableError, connect
from cecf.problems import InvalidInputError

CLOUDS = """
clouds:
  closed:
    auth:
      auth_url: http://127.0.0.1:9/v3
      username: someone
      password: hunter2
      project_name: somewhere
      user_domain_id: default
      project_domain_id: default
"""


@pytest.fixture(autouse=True)
def _clouds_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "clouds.yaml").write_text(CLOUDS)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    connect.cache_clear()
    yield
    connect.cache_clear()


def refusal(cloud: str) -> str:
    """Return why a cloud cannot be used."""
    with pytest.raises(InvalidInputError) as caught:
        connect(cloud)
    (problem,) = caught.value.problems
    return str(problem)


def test_a_cloud_that_is_in_no_file_is_refused_with_the_way_to_name_one() -> None:
    text = refusal("finance")
    assert text.startswith("cecf:cloud: clouds.yaml has no usable entry 'finance'")
    assert "pulumi config set 'cecf:cloud' '<entry>'" in text
    assert "\n" not in text


def test_a_cloud_that_does_not_answer_is_refused_without_its_password() -> None:
    with pytest.raises(CloudUnavailableError) as caught:
        connect("closed")
    text = str(caught.value)
    assert "the cloud 'closed' does not answer" in text
    assert "hunter2" not in text
    assert "\n" not in text

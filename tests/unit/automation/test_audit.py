"""What OpenStack refuses ends the command in words that a person can read."""

from types import SimpleNamespace
from typing import NoReturn, cast

import pytest
from keystoneauth1.exceptions import Forbidden
from openstack.exceptions import SDKException

from cecf.automation import audit
from cecf.automation.stack import OperationFailedError, Stack


@pytest.mark.parametrize("error", [SDKException("no"), Forbidden("no")])
def test_a_refusal_is_told_in_openstack_s_own_words(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_cloud: str) -> NoReturn:
        raise error

    monkeypatch.setattr(audit, "connect", refuse)
    with pytest.raises(OperationFailedError, match=r"^OpenStack says: no") as caught:
        audit.remaining(cast("Stack", SimpleNamespace(cloud="dev", name="dev")))
    assert not caught.value.refused

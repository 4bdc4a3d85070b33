"""A leaf certificate as a resource: made once, renewed in place when it is time, otherwise left alone."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pulumi
import pytest
from pulumi.output import UNKNOWN

from cecf.pki.keys import Pki
from cecf.pki.make import Leaf, expires, make_pki
from cecf_components import Certificate, certificate
from cecf_components.certificate import _CertificateProvider
from tests.helpers.engine_spy import record
from tests.unit.pki.test_make import NOW

PKI, OTHER = make_pki("dev", NOW), make_pki("dev", NOW)

LEAF = Leaf(common_name="dev-admin", organizations=("people",), usages=("client",))

INPUTS: Mapping[str, Any] = {
    "authority": {"certificate": PKI.kubernetes.certificate, "key": PKI.kubernetes.key},
    "common_name": "dev-admin",
    "organizations": ["people"],
    "dns_names": [],
    "addresses": [],
    "usages": ["client"],
    "life_days": 365.0,
    "renew_before_days": 90.0,
    "certificate": None,
    "key": None,
    "expires": None,
}
"""As the engine hands them over: numbers without integers, lists without tuples."""


def at(patch: pytest.MonkeyPatch, days: float) -> None:
    """Let it be so many days after `NOW`."""
    patch.setattr(certificate, "now", lambda: NOW + timedelta(days=days))


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return what the state holds after the creation at `NOW`."""
    at(monkeypatch, 0)
    made = _CertificateProvider().create(dict(INPUTS))
    assert made.id == "dev-admin"
    # By way of JSON, as the state is written.
    return dict(json.loads(json.dumps(made.outs)))


def changes(state: Mapping[str, Any], **news: Any) -> bool:
    """Return whether it would be made anew, in place and never otherwise."""
    answer = _CertificateProvider().diff("dev-admin", dict(state), {**INPUTS, **news})
    assert not answer.replaces
    return bool(answer.changes)


def updated(state: Mapping[str, Any], **news: Any) -> dict[str, Any]:
    """Return what the state holds after an update."""
    outs = _CertificateProvider().update("dev-admin", dict(state), {**INPUTS, **news}).outs
    assert outs is not None
    return outs


def test_it_is_made_with_its_end_in_the_open(state: dict[str, Any]) -> None:
    assert state["expires"] == "2027-11-21T12:00:00Z"
    assert datetime.fromisoformat(state["expires"]) == expires(state["certificate"])
    assert "PRIVATE KEY" in state["key"]


def test_the_authority_s_key_is_in_no_output(state: dict[str, Any]) -> None:
    assert PKI.kubernetes.key not in json.dumps(state)
    assert "authority" not in state


@pytest.mark.parametrize("days", [0, 1, 274.9])
def test_before_the_window_no_run_shows_anything(
    state: dict[str, Any], monkeypatch: pytest.MonkeyPatch, days: float
) -> None:
    at(monkeypatch, days)
    assert changes(state) is False


@pytest.mark.parametrize("days", [275.1, 364, 366, 1000])
def test_within_the_window_it_is_made_anew(state: dict[str, Any], monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    at(monkeypatch, days)
    assert changes(state) is True
    new = updated(state)
    assert new["key"] != state["key"]
    assert datetime.fromisoformat(new["expires"]) == NOW + timedelta(days=days + 365)
    assert changes(new) is False


@pytest.mark.parametrize(
    "news",
    [
        {"common_name": "dev-viewer"},
        {"organizations": ["others"]},
        {"dns_names": ["localhost"]},
        {"addresses": ["127.0.0.1"]},
        {"usages": ["server", "client"]},
        {"life_days": 30.0, "renew_before_days": 9.0},
        {"authority": {"certificate": OTHER.kubernetes.certificate, "key": OTHER.kubernetes.key}},
    ],
)
def test_another_content_or_authority_makes_it_anew_and_that_settles_it(
    state: dict[str, Any], news: dict[str, Any]
) -> None:
    assert changes(state, **news) is True
    new = updated(state, **news)
    assert new["certificate"] != state["certificate"]
    assert changes(new, **news) is False


def test_an_authority_that_is_trusted_besides_is_no_reason(state: dict[str, Any]) -> None:
    bundle = PKI.kubernetes.certificate + OTHER.kubernetes.certificate
    assert changes(state, authority={"certificate": bundle, "key": PKI.kubernetes.key}) is False


def test_an_update_for_another_reason_keeps_it(state: dict[str, Any]) -> None:
    assert updated(state, renew_before_days=30.0) == {**state, "renew_before_days": 30.0}


def test_another_window_changes_nothing_outside_of_it(state: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 300)
    assert changes(state, renew_before_days=30.0) is False
    assert changes(state, renew_before_days=100.0) is True


@pytest.mark.parametrize("authority", [UNKNOWN, {"certificate": UNKNOWN, "key": UNKNOWN}])
def test_a_preview_in_which_the_authority_changes_says_so(state: dict[str, Any], authority: Any) -> None:
    assert changes(state, authority=authority) is True


def test_near_its_authority_s_end_it_is_not_made_anew_at_every_run(
    state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, 3600)
    last = updated(state)
    assert datetime.fromisoformat(last["expires"]) == expires(PKI.kubernetes.certificate)
    at(monkeypatch, 3640)
    assert changes(last) is False


def test_a_window_as_long_as_the_life_is_refused() -> None:
    (failure,) = _CertificateProvider().check({}, {**INPUTS, "renew_before_days": 365}).failures
    assert failure.property == "renew_before_days"
    assert _CertificateProvider().check({}, dict(INPUTS)).failures == []


def test_the_engine_keeps_the_keys_secret_and_nothing_else() -> None:
    def program() -> dict[str, pulumi.Output[Any]]:
        authority = pulumi.Output.from_input(INPUTS["authority"])
        made = Certificate("dev-admin-certificate", authority, LEAF, 90, pulumi.ResourceOptions())
        return {"certificate": made.certificate, "key": made.key, "expires": made.expires}

    recording = record(program)
    (made,) = recording.of("Certificate")
    assert made.secrets == {"authority"}
    assert made.secret_outputs == {"key"}
    assert recording.secret_exports == {"key"}
    assert {key: made.inputs[key] for key in INPUTS if made.inputs.get(key) is not None} == {
        key: value for key, value in INPUTS.items() if value is not None
    }


def test_the_state_names_the_provider_by_a_place_that_must_not_move() -> None:
    place = f"{_CertificateProvider.__module__}.{_CertificateProvider.__qualname__}"
    assert place == "cecf_components.certificate._CertificateProvider"


def test_the_keys_of_the_pair_are_what_the_authority_is_handed_over_as() -> None:
    assert Pki.from_data(PKI.as_data()).kubernetes == PKI.kubernetes
    assert PKI.as_data()["kubernetes"] == INPUTS["authority"]

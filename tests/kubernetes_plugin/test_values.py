"""Values travel unchanged, and what is secret stays so."""

from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from lab.engine.kubernetes import kinds, state
from lab.engine.kubernetes.redact import Redactor
from lab.engine.kubernetes.secret_kind import as_declared, as_sent
from lab.engine.kubernetes.values import UNKNOWN, Secret, from_struct, has_unknown, plain, to_struct

SECRET = kinds.Kind("", "v1", "Secret")
KEYS = st.text(min_size=1, max_size=8)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
VALUES = st.recursive(
    st.one_of(SCALARS, st.just(UNKNOWN)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4), inner.map(Secret)),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_value_comes_back_as_it_went(values: dict[str, Any]) -> None:
    assert from_struct(to_struct(values)) == values


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_an_engine_without_secrets_gets_the_plain_value(values: dict[str, Any]) -> None:
    assert from_struct(to_struct(values, secrets=False)) == plain(values)


def test_names_with_dashes_are_spelt_as_each_side_spells_them() -> None:
    sent = to_struct({"x-kubernetes-int-or-string": True})
    assert list(sent.fields) == ["x_kubernetes_int_or_string"]
    assert from_struct(sent) == {"x-kubernetes-int-or-string": True}


def test_an_asset_is_refused() -> None:
    struct = struct_pb2.Struct()
    struct.update({"a": {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "text": "b"}})
    with pytest.raises(ValueError, match="an asset, an archive"):
        from_struct(struct)


def test_a_secret_inside_a_list_makes_all_of_it_secret() -> None:
    """The server may put the list in another order."""
    declared = {"spec": {"args": ["a", Secret("b")], "open": "c"}}
    kept = state.marked({"spec": {"args": ["b", "a"], "open": "c"}}, declared)
    assert kept == {"spec": {"args": Secret(["b", "a"]), "open": "c"}}


def test_the_data_of_a_secret_is_secret_whatever_is_declared() -> None:
    applied = '{"data": {"a": "Yg=="}}'
    live = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}},
        "data": {"a": "Yg=="},
    }
    kept = state.checkpoint({"data": {"a": "Yg=="}, "kind": "Secret", "apiVersion": "v1"}, live, manager="me")
    assert kept["data"] == Secret({"a": "Yg=="})
    assert kept["__inputs"]["data"] == Secret({"a": "Yg=="})
    assert isinstance(next(iter(kept["metadata"]["annotations"].values())), Secret)


def test_plain_text_beside_data_is_one_with_it() -> None:
    """So that a key that is taken out of the program goes from the cluster too."""
    declared = {"stringData": {"a": "b"}, "data": {"c": "ZA=="}}
    sent = as_sent(SECRET, declared)
    assert sent == {"data": {"a": "Yg==", "c": "ZA=="}}
    assert as_declared(SECRET, sent, declared) == declared
    assert as_declared(SECRET, {"data": {"a": "eA=="}}, {"stringData": {"a": "b"}}) == {"stringData": {"a": "x"}}


def test_secrets_are_masked_in_each_of_their_forms() -> None:
    redact = Redactor({"kind": "Secret", "data": {"a": "aHVudGVyMg=="}}, {"note": Secret("line one\nline two")})
    said = 'data "aHVudGVyMg==" is hunter2, and "line one" or line two, not the rest'
    assert redact(said) == 'data "[secret]" is [secret], and "[secret]" or [secret], not the rest'


def test_what_is_unknown_is_found_anywhere() -> None:
    assert has_unknown({"a": [Secret({"b": UNKNOWN})]})
    assert not has_unknown({"a": [Secret({"b": None})]})


@pytest.mark.parametrize(
    ("token", "kind", "namespaced"),
    [
        ("kubernetes:core/v1:ConfigMap", "v1 ConfigMap", True),
        ("kubernetes:core/v1:Namespace", "v1 Namespace", False),
        ("kubernetes:apps/v1:Deployment", "apps/v1 Deployment", True),
        ("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "rbac.authorization.k8s.io/v1 ClusterRole", False),
        (
            "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass",
            "snapshot.storage.k8s.io/v1 VolumeSnapshotClass",
            None,
        ),
        ("kubernetes:example.test/v1:StorageClass", "example.test/v1 StorageClass", None),
    ],
)
def test_a_token_names_a_kind(token: str, kind: str, *, namespaced: bool | None) -> None:
    found = kinds.from_token(token)
    assert (str(found), found.namespaced) == (kind, namespaced)

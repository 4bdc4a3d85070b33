"""Whatever a stack file holds, the answer is settings or a refusal, never a traceback."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cecf.problems import InvalidInputError
from cecf.settings import LoadedSettings, StackSettings, businesses, load_settings, read_profile
from cecf.settings.layers import leaves, merge
from tests.helpers import clusters

KEYS = sorted(
    {
        part
        for business in businesses()
        for path in leaves(clusters.settings(business).model_dump(mode="json"))
        for part in path.split(".")
    }
)
"""Every key that settings have anywhere: junk under a known key reaches deeper than junk under others."""

PLAUSIBLE = ["10.0.0.0/8", "0.0.0.0/0", "10.10.0.0/33", "::1", "create", "existing", "isolated", "1.34.4", "-", ""]

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(PLAUSIBLE)
    | st.sampled_from(range(-1, 8))
)

JUNK = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)

LAYERS = st.dictionaries(st.sampled_from(sorted(StackSettings.model_fields)) | st.text(max_size=6), JUNK, max_size=4)


def outcome(layer: dict[str, Any], business: str) -> LoadedSettings | InvalidInputError:
    """Return settings, or their refusal; let everything else through."""
    try:
        return load_settings(layer, read_profile(business))
    except InvalidInputError as refusal:
        return refusal


@given(LAYERS, st.sampled_from(businesses()))
def test_junk_over_a_valid_profile_is_settings_or_a_refusal(junk: dict[str, Any], business: str) -> None:
    answer = outcome(merge(clusters.layer(business), junk), business)
    assert isinstance(answer, LoadedSettings) or answer.problems


@given(st.dictionaries(st.sampled_from(KEYS), JUNK, max_size=4), st.sampled_from(businesses()))
def test_junk_within_the_cluster_is_settings_or_a_refusal(junk: dict[str, Any], business: str) -> None:
    answer = outcome(clusters.layer(business, junk), business)
    assert isinstance(answer, LoadedSettings) or answer.problems


@given(st.dictionaries(st.sampled_from(KEYS), JUNK, max_size=4), st.sampled_from(businesses()))
def test_the_same_junk_gets_the_same_answer(junk: dict[str, Any], business: str) -> None:
    first, second = (outcome(clusters.layer(business, junk), business) for _ in range(2))
    assert str(first) == str(second)


@given(st.sampled_from(KEYS), JUNK, st.sampled_from(["network", "control_plane", "etcd", "worker_pools"]))
def test_junk_within_a_part_is_settings_or_a_refusal(key: str, junk: object, part: str) -> None:
    answer = outcome(clusters.layer("dev", {part: {key: junk}}), "dev")
    assert isinstance(answer, LoadedSettings) or answer.problems

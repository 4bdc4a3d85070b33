"""Kinds of values take what is in their range, say what is wrong with the rest, and know what means the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecf.tuning.kinds import Boolean, Choice, Duration, Integer, Kind, Number, Quantity, Threshold, Words, of_type
from cecf.tuning.units import amount, percent, seconds

RIGHT: list[tuple[Kind, Any]] = [
    (Integer(1, 10), 10),
    (Number(0, 0.02), 0.001),
    (Number(0, 0.02), "0.001"),
    (Number(0, 1), 1),
    (Duration("1s", "1h"), "59m59s"),
    (Duration("0", "1h"), "0s"),
    (Quantity("0", "64"), "250m"),
    (Quantity("0", "64"), 2),
    (Threshold("50Mi", "1Gi"), "10%"),
    (Threshold("50Mi", "1Gi"), "100Mi"),
    (Boolean(), False),
    (Choice(("none", "static")), "static"),
    (Words(("pods",)), ["pods"]),
    (Words(), []),
    (of_type("object"), {"a": 1}),
    (of_type("list<object>"), [{"a": 1}]),
    (of_type("list<string>"), ["a"]),
]

WRONG: list[tuple[Kind, Any, str]] = [
    (Integer(1, 10, "pods"), 11, "11 is not in 1 to 10 pods"),
    (Integer(1, 10, "pods"), "3", "'3' is no whole number of pods"),
    (Integer(0, 1), True, "true is no whole number"),
    (Integer(0, 9), None, "nothing is no whole number"),
    (Number(0, 0.02, "of all requests"), 0.5, "0.5 is not in 0 to 0.02 of all requests"),
    (Number(0, 1), "a tenth", "'a tenth' is no number"),
    (Duration("1s", "1h"), 10, "10 has no unit"),
    (Duration("1s", "1h"), "10", "'10' is no duration such as 10s, 1m30s or 500ms"),
    (Duration("1s", "1h"), "1d", "'1d' is no duration such as 10s, 1m30s or 500ms"),
    (Duration("1s", "1h"), "2h", "2h is not in 1s to 1h"),
    (Quantity("0", "1Gi"), "100MB", "'100MB' is no quantity such as 250m, 2, 100Mi or 1Gi"),
    (Quantity("0", "1Gi"), "2Gi", "2Gi is not in 0 to 1Gi"),
    (Quantity("0", "1Gi"), True, "true has no unit"),
    (Threshold("50Mi", "1Gi"), True, "true has no unit"),
    (Threshold("50Mi", "1Gi"), "60%", "60% is not in 50Mi to 1Gi, or 0% to 50%"),
    (Threshold("50Mi", "1Gi"), "lots", "'lots' is neither a quantity such as 100Mi nor a percentage such as 10%"),
    (Boolean(), "yes", "'yes' is neither true nor false"),
    (Choice(("none", "static")), "dynamic", "'dynamic' is none of none, static"),
    (Words(("pods",)), "pods", "'pods' is no list of words"),
    (Words(("pods",)), ["pods", "kube"], "kube: not in a list of pods"),
    (of_type("boolean"), 1, "1 is neither true nor false"),
    (of_type("duration"), "5", "'5' is no duration such as 10s, 1m30s or 500ms"),
]

SAME: list[tuple[Kind, Any, Any]] = [
    (Duration("0", "24h"), "1h", "1h0m0s"),
    (Duration("0", "24h"), "90s", "1m30s"),
    (Quantity("0", "1Ti"), "1Gi", "1024Mi"),
    (Quantity("0", "64"), "0.5", "500m"),
    (Boolean(), True, "true"),
    (Integer(0, 10), 7, "7"),
    (Number(0, 1), 0.1, "0.1"),
    (Words(), ["b", "a"], "a,b"),
    (Threshold("0", "1Gi"), "1Gi", "1024Mi"),
]


@pytest.mark.parametrize(("kind", "value"), RIGHT)
def test_a_value_in_its_range_is_taken(kind: Kind, value: Any) -> None:
    assert kind.fault(value) == ""


@pytest.mark.parametrize(("kind", "value", "said"), WRONG)
def test_a_wrong_value_is_refused_in_words(kind: Kind, value: Any, said: str) -> None:
    assert kind.fault(value) == said


@pytest.mark.parametrize(("kind", "one", "other"), SAME)
def test_what_means_the_same_is_the_same(kind: Kind, one: Any, other: Any) -> None:
    assert kind.canonical(one) == kind.canonical(other)


def test_a_share_is_not_an_amount() -> None:
    kind = Threshold("0", "1Gi")
    assert kind.canonical("10%") != kind.canonical("10")


@given(st.integers(0, 10**6), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_durations_are_what_their_parts_come_to(hours: int, minutes: int, secs: int, milliseconds: int) -> None:
    text = f"{hours}h{minutes}m{secs}s{milliseconds}ms"
    assert seconds(text) * 1000 == ((hours * 60 + minutes) * 60 + secs) * 1000 + milliseconds


@given(st.integers(0, 10**9))
def test_quantities_are_what_their_suffix_says(number: int) -> None:
    assert amount(f"{number}Ki") == number * 1024 == amount(str(number * 1024))
    assert amount(f"{number}m") * 1000 == number
    assert percent(f"{number}%") == number


@given(st.text(max_size=12))
def test_nothing_that_is_written_breaks_the_reading(text: str) -> None:
    for kind in (Duration("1s", "1h"), Quantity("0", "1Gi"), Threshold("0", "1Gi"), Integer(0, 9), Choice(("a",))):
        assert isinstance(kind.fault(text), str)

"""Signs of life, and how they are asked for."""

import datetime as dt

import pytest

from lab.openstack.heartbeat import Beat, Once, fault

_NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC).timestamp()


def _beat(time: str | None, state: str = "up") -> Beat:
    return {"binary": "nova-compute", "state": state, "updated_at": time}


@pytest.mark.parametrize(
    "beat",
    [
        _beat("2026-11-21T11:59:59.000000"),  # of the process before this one
        _beat("2026-11-21T12:00:01.000000", "down"),
        _beat(None),
        {**_beat("2026-11-21T12:00:01.000000"), "binary": "nova-conductor"},
    ],
)
def test_agent_that_gave_no_sign_since_its_start_is_unwell(beat: Beat) -> None:
    """Being called "up" is no proof by itself."""
    assert fault([beat], "nova-compute", 1, _NOON) == "0 of 1 have reported since the start"


@pytest.mark.parametrize("time", ["2026-11-21T12:00:00.000000", "2026-11-21T12:00:01Z"])
def test_agent_that_reported_is_well(time: str) -> None:
    """Nova's and Heat's ways to write a time are both read, to the second."""
    assert fault([_beat(time)], "nova-compute", 1, _NOON + 0.9) == ""


def test_every_host_has_to_report() -> None:
    """Eight of nine computes are not the lab."""
    beats = [_beat("2026-11-21T12:00:05.000000")] * 8
    assert fault(beats, "nova-compute", 9, _NOON) == "8 of 9 have reported since the start"


def test_failure_is_asked_for_once() -> None:
    """Or else each agent would wait for the same time limit again."""
    asked = []

    def ask() -> None:
        asked.append(1)
        raise TimeoutError

    once = Once(ask)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            once()
    assert len(asked) == 1

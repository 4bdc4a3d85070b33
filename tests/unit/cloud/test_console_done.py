"""When a server has become what it is to be, as its console tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecf.cloud.console import Console

BEGINS, FAILED, STEP_DONE = "etcd: begins", "etcd: failed: no peer", "etcd: done in 3 s"
DONE = "node: done in 61 s"
GAVE_UP = "node: gave up at step etcd; mend the cause, then: systemctl restart cecf-boot"


def of(*said: str) -> Console:
    """Return a console on which the node has said something."""
    return Console(lines=tuple(f"[  1.0] cecf-boot: {each}" for each in said))


@pytest.mark.parametrize("said", [(), (BEGINS,), (BEGINS, STEP_DONE), (BEGINS, FAILED, GAVE_UP)])
def test_a_boot_that_is_not_over_is_not_done(said: tuple[str, ...]) -> None:
    assert not of(*said).done


@pytest.mark.parametrize("after", [(), (FAILED,), ("defragment: gave 30 MiB back",)])
def test_a_boot_that_is_over_is_done_whatever_the_node_says_later(after: tuple[str, ...]) -> None:
    assert of(BEGINS, STEP_DONE, DONE, *after).done


def test_another_boot_begins_it_all_anew() -> None:
    assert not of(BEGINS, DONE, BEGINS).done
    assert of(BEGINS, DONE, BEGINS, STEP_DONE, DONE).done


def test_what_others_write_is_no_word_of_the_node() -> None:
    assert not Console(lines=("node: done in 61 s", "cecf-boot: etcd: node: done")).done


@given(st.lists(st.sampled_from([BEGINS, FAILED, STEP_DONE, DONE])))
def test_it_is_done_if_nothing_has_begun_since_it_last_said_so(said: list[str]) -> None:
    ends = max((number for number, each in enumerate(said) if each == DONE), default=None)
    assert of(*said).done is (ends is not None and BEGINS not in said[ends:])


@given(st.lists(st.sampled_from([BEGINS, FAILED, STEP_DONE, DONE, GAVE_UP])))
def test_who_gave_up_is_not_done_at_the_same_time(said: list[str]) -> None:
    seen = of(*said, BEGINS, GAVE_UP)
    assert (seen.done, seen.gave_up) == (False, True)

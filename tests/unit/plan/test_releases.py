"""Kubernetes releases follow each other one minor at a time, and never back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecf.plan.releases import minor, refusals

MINORS = st.integers(30, 60)
RUNNING = st.lists(st.builds("1.{}.{}".format, MINORS, st.integers(0, 30)), min_size=1)


@given(MINORS, st.integers(0, 30))
def test_a_minor_is_a_release_s_second_number(number: int, patch: int) -> None:
    assert minor(f"1.{number}.{patch}") == number


@given(RUNNING, MINORS)
def test_what_is_taken_is_at_most_one_minor_from_every_server_and_older_than_none(running: list[str], to: int) -> None:
    minors = [minor(release) for release in running]
    taken = not list(refusals(f"1.{to}.0", running))
    assert taken is all(to - 1 <= each <= to for each in minors)


@given(MINORS, st.integers(0, 30))
def test_a_new_cluster_may_have_any_release(number: int, patch: int) -> None:
    assert list(refusals(f"1.{number}.{patch}", [])) == []


@pytest.mark.parametrize("running", [["1.34.4"], ["1.34.9", "1.34.4"], ["1.34.4", "1.35.0"]])
def test_an_upgrade_that_has_begun_can_be_gone_on_with(running: list[str]) -> None:
    assert list(refusals("1.35.4", running)) == []


def test_a_leap_is_refused_with_the_minor_that_is_next() -> None:
    (found,) = refusals("1.36.3", ["1.34.4"])
    assert str(found) == (
        "cecf:cluster.kubernetes_version: from 1.34 to 1.36.3 is more than one minor; API servers of a cluster may be "
        "one minor apart, and each minor converts only the last one's data. "
        "Mend: pulumi config set --path 'cecf:cluster.kubernetes_version' '<a-release-of-1.35>'"
    )


def test_the_way_back_is_refused_with_the_command_that_goes_it() -> None:
    (found,) = refusals("1.34.4", ["1.34.4", "1.35.4"])
    assert str(found) == (
        "cecf:cluster.kubernetes_version: the cluster runs 1.35 and cannot go back to 1.34.4; the older release does "
        "not know all that the newer one has stored. "
        "Mend: return to the release and the data of before the upgrade: cecf rollback"
    )

"""The stack of a running cluster: a second run changes nothing, one node more touches only that node."""

from tests.cluster.booted import Booted


def test_a_second_up_changes_nothing(booted: Booted) -> None:
    outcome = booted.program.up()
    assert not outcome.changed, outcome.changes

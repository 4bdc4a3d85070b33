"""What answers at the API's endpoint."""

from cecf.tuning.catalogue import references as ref
from cecf.tuning.kinds import Integer
from cecf.tuning.model import Component, Difference, Profile, Setting

SETTINGS = (
    Setting(
        component=Component.HAPROXY,
        field="maxconn",
        kind=Integer(500, 200_000, "connections"),
        base=8000,
        reason="some 4 of each node: room for 1500; a silent one costs 4 KB, one with bytes under way 33 KB",
        source=ref.HAPROXY,
        control_plane_only=True,
        profiles={
            Profile.HUGE: Difference(40_000, "5000 nodes at 4 connections, all on one server when the others are gone"),
            Profile.EDGE: Difference(1000, "few nodes, little memory"),
        },
        note="each takes two of the process' files",
    ),
)

"""Wrong settings are refused before anything is imported that only right ones need: so they are refused soon."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from tests.helpers.clusters import ROOT

BUILDING = {"cecf_components", "pulumi_kubernetes", "pulumi_openstack"}
"""What only a stack that is built needs."""

ASKING = {"openstack"}
"""What only a question to the cloud needs."""

EMPTY_CLOUD = """
import cecf.cloud
from tests.helpers.fake_cloud import FakeCloud
cecf.cloud.connect = lambda cloud: FakeCloud().connection
"""

PROGRAM = """
import runpy, sys, pulumi
try:
    runpy.run_path("__main__.py")
except pulumi.RunError as refusal:
    print(refusal, file=sys.stderr)
"""


def run(code: str, cluster: Mapping[str, Any] | None = None) -> tuple[str, set[str]]:
    """Run code in an interpreter of its own, with a stack file's settings of the cluster.

    Return what it says, and what of `BUILDING` and `ASKING` it has imported.
    """
    config = {"cecf:business": "dev", "cecf:cloud": "dev", "cecf:cluster": json.dumps(cluster or {})}
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        cwd=ROOT,
        env={**os.environ, "PULUMI_CONFIG": json.dumps(config)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr, {*done.stdout.split()} & (BUILDING | ASKING)


def test_what_the_settings_alone_tell_is_refused_before_the_cloud_is_asked() -> None:
    said, imported = run(PROGRAM, {"control_plane": {"flavour": "m1.large"}})
    assert "cecf:cluster.control_plane.flavour: there is no such setting; did you mean 'flavor'?" in said
    assert imported == set()


def test_what_the_cloud_does_not_have_is_refused_before_anything_is_built() -> None:
    said, imported = run(EMPTY_CLOUD + PROGRAM)
    assert "cecf:cluster.control_plane.flavor: the project sees no flavor 'm1.medium'" in said
    assert imported == ASKING


def test_the_command_leaves_the_cloud_to_the_verbs_that_ask_it() -> None:
    assert run("import cecf.cli.app") == ("", set())

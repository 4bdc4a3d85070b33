"""The plan of every business and of what none has, its nodes' documents and add-ons' objects, as last reviewed.

They are made from the committed stack file and compared byte for byte. A change shows as a diff of files in this
folder: `pytest tests/golden --update-golden` writes them anew. A changed user-data document replaces the server that it
belongs to.
"""

import hashlib
import textwrap
from pathlib import Path

import pytest
import yaml

from cecf.plan import ClusterPlan, NodePlan
from cecf.render import addons
from cecf.render.node import document
from cecf.settings import businesses
from tests.helpers import clusters
from tests.helpers.plan_text import plan_text
from tests.helpers.user_data import written

HERE = Path(__file__).parent

SHAPES = {
    "external-etcd": {
        "etcd": {
            "topology": "external",
            "wal_volume": {},
            "disk_check": {"action": "fail"},
            "events": {"members": 1},
        }
    }
}
"""Clusters that no business has, as changes to dev's: etcd on servers of its own, and another one for Events."""

FOLDERS = [*businesses(), *SHAPES]

PROGRAM = "/usr/local/lib/cecf/cecf/"


def current(folder: str) -> dict[str, str]:
    """Return the text of each golden file as the code makes it now, by path below its folder."""
    plan = clusters.plan("dev", SHAPES[folder]) if folder in SHAPES else clusters.committed(folder)
    documents = {f"user-data/{node.name}.yaml": _document(plan, node) for node in plan.nodes}
    early = {"flannel": addons.flannel(plan), "kube-proxy": addons.kube_proxy(plan), "viewers": addons.viewers()}
    installed = {**early, **addons.addons(plan)}
    objects = {f"addons/{name}.yaml": yaml.safe_dump_all(found, sort_keys=False) for name, found in installed.items()}
    return {"plan.yaml": plan_text(plan), **documents, **objects}


def _document(plan: ClusterPlan, node: NodePlan) -> str:
    """Return a node's document; the program in it, files of the repository, stands there by their digests."""
    text = document(plan, node, clusters.facts(node))
    for item in written(text):
        if item["path"].startswith(PROGRAM) and item["content"]:
            name, content = item["path"].removeprefix(PROGRAM), item["content"]
            digest = hashlib.sha256(content.encode()).hexdigest()
            text = text.replace(textwrap.indent(content, " " * 4), f"    (cecf/{name}, SHA-256 {digest})\n")
    return text


def committed(name: str) -> dict[str, str]:
    """Return the text of each golden file of a folder."""
    folder = HERE / name
    return {str(file.relative_to(folder)): file.read_bytes().decode() for file in folder.rglob("*.yaml")}


def write(folder: str) -> None:
    """Make the golden files of a folder what the code makes now."""
    files = current(folder)
    for stale in committed(folder).keys() - files.keys():
        (HERE / folder / stale).unlink()
    for path, text in files.items():
        file = HERE / folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_cluster_is_what_was_reviewed(folder: str, *, pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update-golden"):
        write(folder)
    now, then = current(folder), committed(folder)
    assert sorted(now) == sorted(then)
    for path, text in now.items():
        assert text == then[path], f"{folder}/{path} is another; if that is right: pytest tests/golden --update-golden"


def test_no_folder_is_left_of_a_cluster_that_is_gone() -> None:
    assert {folder.name for folder in HERE.iterdir() if folder.is_dir()} - {"__pycache__", *FOLDERS} == set()

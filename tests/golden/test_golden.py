"""The plan of every business, its nodes' documents and its add-ons' objects, as they were last reviewed.

They are made from the committed stack file and compared byte for byte. A change shows as a diff of files in this
folder: `pytest tests/golden --update-golden` writes them anew. A changed user-data document replaces the server that it
belongs to.
"""

import hashlib
import textwrap
from pathlib import Path

import pytest
import yaml

from cecf.plan import ClusterPlan, NodePlan, Role
from cecf.render import addons, certificates
from cecf.render.boot import PROGRAM
from cecf.render.node import document
from cecf.settings import businesses
from tests.helpers import clusters
from tests.helpers.plan_text import plan_text

HERE = Path(__file__).parent


def current(business: str) -> dict[str, str]:
    """Return the text of each golden file as the code makes it now, by path below the business's folder."""
    plan = clusters.committed(business)
    documents = {f"user-data/{node.name}.yaml": _document(plan, node) for node in plan.nodes}
    early = {"flannel": addons.flannel(plan), "kube-proxy": addons.kube_proxy(plan), "viewers": addons.viewers()}
    installed = {**early, **addons.addons(plan)}
    objects = {f"addons/{name}.yaml": yaml.safe_dump_all(found, sort_keys=False) for name, found in installed.items()}
    return {"plan.yaml": plan_text(plan), **documents, **objects}


def _document(plan: ClusterPlan, node: NodePlan) -> str:
    """Return a node's document; a program in it, a file of the repository, stands there by its digest."""
    text = document(plan, node, clusters.facts(node))
    programs = [PROGRAM, certificates.PROGRAM] if node.role is Role.CONTROL_PLANE else [PROGRAM]
    for file in programs:
        program = file.read_text()
        digest = hashlib.sha256(program.encode()).hexdigest()
        before, after = text.split(textwrap.indent(program, " " * 4))
        text = f"{before}    (cecf/node/{file.name}, SHA-256 {digest})\n{after}"
    return text


def committed(business: str) -> dict[str, str]:
    """Return the text of each golden file of a business."""
    folder = HERE / business
    return {str(file.relative_to(folder)): file.read_bytes().decode() for file in folder.rglob("*.yaml")}


def write(business: str) -> None:
    """Make the golden files of a business what the code makes now."""
    files = current(business)
    for stale in committed(business).keys() - files.keys():
        (HERE / business / stale).unlink()
    for path, text in files.items():
        file = HERE / business / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


@pytest.mark.parametrize("business", businesses())
def test_a_business_is_what_was_reviewed(business: str, *, pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update-golden"):
        write(business)
    now, then = current(business), committed(business)
    assert sorted(now) == sorted(then)
    for path, text in now.items():
        assert text == then[path], (
            f"{business}/{path} is another; if that is right: pytest tests/golden --update-golden"
        )


def test_no_folder_is_left_of_a_business_that_is_gone() -> None:
    assert {folder.name for folder in HERE.iterdir() if folder.is_dir()} - {"__pycache__", *businesses()} == set()

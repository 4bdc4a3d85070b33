"""What is in a node's user data, as cloud-init takes it apart."""

import base64
import gzip
from email import message_from_bytes
from typing import Any

import yaml

from cecf import render
from cecf.plan import ClusterPlan, NodePlan
from cecf.render import NodeFacts
from tests.helpers import clusters

GZIP = b"\x1f\x8b"
"""How compressed data begins."""


def config(plan: ClusterPlan, node: NodePlan, facts: NodeFacts | None = None) -> dict[str, Any]:
    """Return the node's cloud-config, taken from the user data that Nova gets."""
    sent = base64.b64decode(render.user_data(plan, node, facts or clusters.facts(node)))
    whole = message_from_bytes(gzip.decompress(sent) if sent.startswith(GZIP) else sent)
    (part,) = [part for part in whole.walk() if part.get_content_type() == "text/cloud-config"]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    loaded: dict[str, Any] = yaml.safe_load(payload)
    return loaded


def written(document: str) -> list[dict[str, str]]:
    """Return path, content and permissions of each file that a `#cloud-config` document writes."""
    found: list[dict[str, str]] = yaml.safe_load(document)["write_files"]
    return found


def files(plan: ClusterPlan, node: NodePlan, facts: NodeFacts | None = None) -> dict[str, str]:
    """Return the content of each file on a node, by path."""
    return {item["path"]: item["content"] for item in config(plan, node, facts)["write_files"]}


def permissions(plan: ClusterPlan, node: NodePlan) -> dict[str, str]:
    """Return who may read each file on a node, by path."""
    return {item["path"]: item["permissions"] for item in config(plan, node)["write_files"]}


def documents(text: str) -> dict[str, dict[str, Any]]:
    """Return the documents of a YAML file by their kind."""
    return {document["kind"]: document for document in yaml.safe_load_all(text)}

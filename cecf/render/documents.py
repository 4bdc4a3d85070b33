"""Documents in YAML, in the order in which they are written here."""

from typing import Any

import yaml


def yaml_text(*documents: dict[str, Any]) -> str:
    """Return documents as one text."""
    return yaml.safe_dump_all(documents, sort_keys=False)

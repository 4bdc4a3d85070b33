"""The root of the settings, and the way from `pulumi config` to it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cecf.problems import InvalidInputError, Problem, config_remove, config_set
from cecf.settings.base import Model
from cecf.settings.cluster import ClusterSettings
from cecf.settings.layers import Layer, merge, origins
from cecf.settings.types import DnsLabel, Name
from cecf.settings.validate import validated

NAMESPACE = "cecf:"


class UpgradedFrom(Model):
    """What `cecf rollback` returns to; `cecf upgrade` writes it."""

    kubernetes_version: Name
    """The release of before the upgrade."""
    image: Name | None = None
    """The image that the settings named then; empty: none."""
    snapshot: Name
    """The id of the snapshot that was taken just before."""


class StackSettings(Model):
    """Everything that a stack is made from."""

    business: DnsLabel
    """Which composition in `stacks/` the stack is."""
    cloud: Name
    """The entry of clouds.yaml that holds the project and the credential; the only link to a secret."""
    isolation: Literal["isolated", "shared"]
    """`isolated`: project, credential and network are this business's own; `shared`: by explicit choice, not."""
    cluster: ClusterSettings
    """The cluster."""
    upgraded_from: UpgradedFrom | None = None
    """What the last upgrade began from."""

    def problems(self) -> list[Problem]:
        """Refuse an isolated business in somebody else's network."""
        if self.isolation == "isolated" and self.cluster.network.nodes.kind == "existing":
            return [
                Problem(
                    path="cluster.network.nodes.kind",
                    what="an isolated business cannot use an existing network",
                    why="whoever else is in it could reach or exhaust it",
                    mend=config_remove("cluster.network.nodes"),
                    rests_on=("isolation",),
                )
            ]
        return []


@dataclass(frozen=True, kw_only=True)
class LoadedSettings:
    """Valid settings and the layer that each value came from, by key path."""

    settings: StackSettings
    origins: Mapping[str, Layer]


def read_config(config: Mapping[str, str]) -> dict[str, Any]:
    """Return the stack file's layer from `pulumi config` values (`cecf:key` to text or JSON), `cecf:` only."""
    return {key.removeprefix(NAMESPACE): _decoded(value) for key, value in config.items() if key.startswith(NAMESPACE)}


def business_of(layer: Mapping[str, Any], known: Collection[str]) -> str:
    """Return the business that the stack file names, which must be `known`."""
    business = layer.get("business")
    if isinstance(business, str) and business in known:
        return business
    what = "is not set" if business is None else f"there is no business '{business}'"
    raise InvalidInputError(
        [
            Problem(
                path="business",
                what=what,
                why=f"known are {', '.join(sorted(known))}",
                mend=config_set("business", f"<{'|'.join(sorted(known))}>"),
            )
        ]
    )


def load_settings(layer: Mapping[str, Any], profile: Mapping[str, Any]) -> LoadedSettings:
    """Validate the stack file's layer over the business profile.

    Raises `InvalidInputError` with every problem of every field.
    """
    settings = validated(StackSettings, merge(profile, layer))
    effective = settings.model_dump(mode="json")
    return LoadedSettings(settings=settings, origins=origins(effective, profile, layer))


def _decoded(value: str) -> object:
    """Decode an object or list; a scalar stays the text that a person wrote."""
    if not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value

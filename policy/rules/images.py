"""What runs is what was chosen: images are pinned."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policy.rules import tokens
from policy.rules.model import Finding, Level, Options, Resource, Rule, Severity, of

_LATEST = "latest"


def _servers(resources: Sequence[Resource], _options: Options) -> Iterator[Finding]:
    for server in of(resources, tokens.SERVER):
        if not server.props.get("imageId"):
            yield server, f"its image is named {server.props.get('imageName')!r}, not pinned by its id"


def _containers(resources: Sequence[Resource], _options: Options) -> Iterator[Finding]:
    for resource in resources:
        if resource.type.startswith(tokens.KUBERNETES):
            for image in _images(resource.props):
                if not _is_pinned(image):
                    yield resource, f"image {image} has no tag that stays, and no digest"


def _images(value: Any) -> Iterator[str]:
    """Yield the images of all containers in an object, wherever its pod template is."""
    match value:
        case Mapping():
            for name, each in value.items():
                if name in ("containers", "initContainers", "ephemeralContainers") and isinstance(each, list):
                    found = (container.get("image") for container in each if isinstance(container, Mapping))
                    yield from (image for image in found if isinstance(image, str))
                else:
                    yield from _images(each)
        case list():
            for each in value:
                yield from _images(each)


def _is_pinned(image: str) -> bool:
    name, _, digest = image.partition("@")
    # A colon before the last slash is a registry's port.
    tag = name.rsplit("/", maxsplit=1)[-1].partition(":")[2]
    return bool(digest) or tag not in ("", _LATEST)


_WHY = "the next one that is made could be another"

RULES = (
    Rule(
        name="pinned-server-images",
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        description="Servers name their image by its id.",
        why=_WHY,
        mend="in the program, pass image_id; a name may stand for another image tomorrow",
        check=_servers,
    ),
    Rule(
        name="pinned-container-images",
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        description="Containers' images have a version as their tag, or a digest.",
        why=_WHY,
        mend="in the program, name a version: <image>:<version>, or <image>@sha256:<digest>",
        check=_containers,
    ),
)

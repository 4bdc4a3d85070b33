"""Names, namespaces and the annotations by which a program tells the plugin what to do."""

import hashlib
import secrets

from lab.engine.kubernetes.values import UNKNOWN, Object, dig, unmarked

AUTONAMED = "pulumi.com/autonamed"
SKIP_AWAIT = "pulumi.com/skipAwait"
WAIT_FOR = "pulumi.com/waitFor"
TIMEOUT_SECONDS = "pulumi.com/timeoutSeconds"
PATCH_FORCE = "pulumi.com/patchForce"
FIELD_MANAGER = "pulumi.com/patchFieldManager"
DELETION_PROPAGATION = "pulumi.com/deletionPropagationPolicy"
REPLACE_UNREADY = "pulumi.com/replaceUnready"

_MANAGER_PREFIX = "pulumi-kubernetes-"
_SUFFIX_CHARACTERS = 8
_PROPAGATIONS = {"orphan": "Orphan", "background": "Background"}


def annotation(declaration: Object, name: str) -> str:
    """Return an annotation's text, or nothing."""
    value = _annotations(declaration).get(name)
    return value if isinstance(value, str) else ""


def is_true(declaration: Object, name: str) -> bool:
    """Tell whether an annotation says `true`."""
    return annotation(declaration, name) == "true"


def is_autonamed(declaration: Object) -> bool:
    """Tell whether the plugin made up the object's name."""
    return is_true(declaration, AUTONAMED)


def name_of(declaration: Object) -> str:
    """Return the object's name, or nothing."""
    name = dig(_metadata(declaration), "name")
    return name if isinstance(name, str) else ""


def namespace_of(declaration: Object) -> str:
    """Return the object's namespace, or nothing."""
    namespace = dig(_metadata(declaration), "namespace")
    return namespace if isinstance(namespace, str) else ""


def is_named(declaration: Object) -> bool:
    """Tell whether an object has a name, though it may not be known yet."""
    metadata = unmarked(declaration.get("metadata"))
    return metadata is UNKNOWN or bool(dig(metadata, "name"))


def with_name(declaration: Object, name: str) -> Object:
    """Return a declaration with a name that the plugin made up."""
    metadata = dict(_metadata(declaration))
    annotations = unmarked(metadata.get("annotations"))
    if annotations is not UNKNOWN:
        metadata["annotations"] = {**(annotations or {}), AUTONAMED: "true"}
    return {**declaration, "metadata": {**metadata, "name": name}}


def with_namespace(declaration: Object, namespace: str) -> Object:
    """Return a declaration in a namespace; in none for an empty one."""
    metadata = unmarked(declaration.get("metadata"))
    if metadata is UNKNOWN:
        return declaration
    others = {key: value for key, value in (metadata or {}).items() if key != "namespace"}
    return {**declaration, "metadata": {**others, "namespace": namespace} if namespace else others}


def made_up_name(resource: str, seed: bytes) -> str:
    """Return a name of its own for a resource of the program: the same for the same seed."""
    suffix = hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex(_SUFFIX_CHARACTERS)
    return f"{resource}-{suffix[:_SUFFIX_CHARACTERS]}"


def manager_of(urn: str, state: Object, declaration: Object) -> str:
    """Return the name under which a resource owns the fields that it declares.

    It follows from the resource's own name, so that a creation that was interrupted finds what it has made.
    """
    kept = state.get("__fieldManager")
    if chosen := annotation(declaration, FIELD_MANAGER):
        return chosen
    if isinstance(kept, str) and kept:
        return kept
    return _MANAGER_PREFIX + hashlib.sha256(urn.encode()).hexdigest()[:_SUFFIX_CHARACTERS]


def propagation(declaration: Object) -> str:
    """Return how an object's dependents go with it."""
    return _PROPAGATIONS.get(annotation(declaration, DELETION_PROPAGATION).lower(), "Foreground")


def identifier(live: Object) -> str:
    """Return the engine's identifier for an object."""
    namespace, name = namespace_of(live), name_of(live)
    return f"{namespace}/{name}" if namespace else name


def from_identifier(text: str) -> tuple[str, str]:
    """Return namespace and name."""
    namespace, _, name = text.rpartition("/")
    return namespace, name


def _metadata(declaration: Object) -> Object:
    metadata = unmarked(declaration.get("metadata"))
    return metadata if isinstance(metadata, dict) else {}


def _annotations(declaration: Object) -> Object:
    annotations = unmarked(_metadata(declaration).get("annotations"))
    return annotations if isinstance(annotations, dict) else {}

"""What the program declares, completed: a name, a namespace, and the marks of what is secret."""

from lab.engine.kubernetes import naming, wait_for
from lab.engine.kubernetes.faults import ConfigurationError
from lab.engine.kubernetes.kinds import Kind
from lab.engine.kubernetes.state import marked
from lab.engine.kubernetes.values import UNKNOWN, Object, dig, plain, unmarked


def completed(kind: Kind, declared: Object, old: Object, *, name: str, namespace: str) -> Object:
    """Return a declaration with the name that it had or a new one, and in a namespace where it has to be in one."""
    result: Object = {"apiVersion": kind.api_version, "kind": kind.name, **declared}
    if not naming.is_named(result):
        kept = naming.name_of(old) if naming.is_autonamed(old) else ""
        result = naming.with_name(result, kept or name)
    metadata = unmarked(result.get("metadata"))
    if namespace and metadata is not UNKNOWN and not dig(metadata, "namespace"):
        result = naming.with_namespace(result, namespace)
    return marked(plain(result), declared)


def problems(declared: Object) -> list[tuple[str, str]]:
    """List what is wrong with a declaration, each with the property's path."""
    found = []
    metadata = unmarked(declared.get("metadata"))
    if dig(metadata, "generateName") and not dig(metadata, "name"):
        reason = "the server cannot make up names for objects that are applied: give `name`, or neither of both"
        found.append(("metadata.generateName", reason))
    try:
        if annotation := naming.annotation(declared, naming.WAIT_FOR):
            wait_for.wishes(annotation)
    except ConfigurationError as error:
        found.append(("metadata.annotations", str(error)))
    return found

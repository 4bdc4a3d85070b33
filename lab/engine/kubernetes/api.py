"""Objects of the API: where each kind is served, reading, applying and deleting them."""

import threading

from lab.engine.kubernetes import kinds
from lab.engine.kubernetes.client import APPLY, Client
from lab.engine.kubernetes.faults import ApiError, MissingKindError
from lab.engine.kubernetes.kinds import Kind
from lab.engine.kubernetes.values import Object, dig

_Served = dict[str, tuple[str, bool]]


class Api:
    """What can be done with objects, by kind, namespace and name."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._served: dict[str, _Served] = {}
        self._declared: dict[tuple[str, str], bool] = {}
        self._lock = threading.Lock()

    def declare(self, definition: Object) -> None:
        """Remember the kind that a CustomResourceDefinition of the program brings, before the cluster has it."""
        group, name = dig(definition, "spec", "group"), dig(definition, "spec", "names", "kind")
        if isinstance(group, str) and isinstance(name, str):
            self._declared[group, name] = dig(definition, "spec", "scope") != "Cluster"

    def namespaced(self, kind: Kind) -> bool:
        """Tell whether a kind's objects lie in a namespace. Raises `MissingKindError` where nobody knows yet."""
        if kind.namespaced is not None:
            return kind.namespaced
        declared = self._declared.get((kind.group, kind.name))
        return self._find(kind)[1] if declared is None else declared

    def serves(self, kind: Kind) -> bool:
        """Tell whether the API server serves a kind."""
        try:
            self._find(kind)
        except MissingKindError:
            return False
        return True

    def path(self, kind: Kind, namespace: str, name: str = "") -> str:
        """Return the path of an object, or of all objects of a kind."""
        plural, namespaced = self._find(kind)
        scope = f"/namespaces/{namespace}" if namespaced and namespace else ""
        return f"{kind.path}{scope}/{plural}" + (f"/{name}" if name else "")

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """Return an object, or None where there is none of that name. Raises `MissingKindError` for a gone kind."""
        try:
            found: Object = self.client.request("GET", self.path(kind, namespace, name))
        except ApiError as error:
            if error.is_not_found:
                return None
            raise
        return found

    def list(self, kind: Kind, namespace: str, *, labels: str = "", fields: str = "") -> list[Object]:
        """Return the objects of a kind that carry labels or have certain fields."""
        query = {key: value for key, value in {"labelSelector": labels, "fieldSelector": fields}.items() if value}
        answer = self.client.request("GET", self.path(kind, namespace), query)
        return list(dig(answer, "items") or [])

    def apply(self, kind: Kind, body: Object, *, manager: str, force: bool = False, dry_run: bool = False) -> Object:
        """Make an object what a body says, as far as the body says, and return the whole object."""
        query = {"fieldManager": manager, "force": str(force).lower()} | ({"dryRun": "All"} if dry_run else {})
        path = self.path(kind, dig(body, "metadata", "namespace") or "", body["metadata"]["name"])
        applied: Object = self.client.request("PATCH", path, query, body, APPLY)
        return applied

    def delete(self, kind: Kind, namespace: str, name: str, *, propagation: str) -> Object | None:
        """Ask for an object's removal; return the object as it goes, or None where it is not there any more."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        try:
            going: Object = self.client.request("DELETE", self.path(kind, namespace, name), None, body)
        except ApiError as error:
            if error.is_not_found:
                return None
            raise
        return going

    def forget(self) -> None:
        """Ask anew which kinds are served: a definition has come or gone."""
        with self._lock:
            self._served.clear()

    def _find(self, kind: Kind) -> tuple[str, bool]:
        """Return a kind's plural name and whether it is namespaced."""
        served = self._served.get(kind.path)
        if served is None or kind.name not in served:
            served = self._discover(kind)
            with self._lock:
                self._served[kind.path] = served
        if kind.name not in served:
            raise MissingKindError(kind)
        return served[kind.name]

    def _discover(self, kind: Kind) -> _Served:
        try:
            answer = self.client.request("GET", kind.path)
        except ApiError as error:
            if error.is_not_found:
                raise MissingKindError(kind) from None
            raise
        resources = dig(answer, "resources") or []
        return {each["kind"]: (each["name"], each["namespaced"]) for each in resources if "/" not in each["name"]}


def kind_of(live: Object) -> Kind:
    """Return the kind that an object says it is."""
    return kinds.from_api_version(str(live.get("apiVersion", "")), str(live.get("kind", "")))

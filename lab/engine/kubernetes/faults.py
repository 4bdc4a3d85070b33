"""What the API server or the way to it can answer instead of an object, in words for a person."""

import http
from dataclasses import dataclass, field
from typing import Any

from lab.engine.kubernetes.values import dig

_TRANSIENT = frozenset(
    {
        http.HTTPStatus.TOO_MANY_REQUESTS,
        http.HTTPStatus.INTERNAL_SERVER_ERROR,
        http.HTTPStatus.BAD_GATEWAY,
        http.HTTPStatus.SERVICE_UNAVAILABLE,
        http.HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_WORDS = 600
"""Characters of a message: a person reads the beginning."""


class KubernetesError(Exception):
    """What went wrong, in one line."""

    transient = False
    """Whether the same request may well succeed a little later."""


class UnreachableError(KubernetesError):
    """No answer comes from the API server."""

    transient = True

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(f"the cluster at {server} cannot be reached ({reason})")


class ConfigurationError(KubernetesError):
    """The provider's own settings do not lead to a cluster."""


class MissingKindError(KubernetesError):
    """The API server does not serve a kind; it may do so soon, where its definition has just been created."""

    transient = True

    def __init__(self, kind: object) -> None:
        super().__init__(f"the cluster does not serve {kind}: is its CustomResourceDefinition there?")


class NotReadyError(KubernetesError):
    """An object is there but not yet what it should be; `reasons` say what it lacks."""

    def __init__(self, message: str, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(message)


class CancelledError(KubernetesError):
    """The person has stopped the run."""

    def __init__(self) -> None:
        super().__init__("stopped: the run was cancelled")


@dataclass(eq=False)
class ApiError(KubernetesError):
    """The API server refused a request."""

    code: int
    reason: str = ""
    message: str = ""
    retry_after: float = 0
    causes: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.message)

    @classmethod
    def from_answer(cls, code: int, body: Any, retry_after: str | None = None) -> "ApiError":
        """Read a refusal, which is a `Status` object unless something else than the API server answered."""
        message = dig(body, "message") or http.HTTPStatus(code).phrase
        seconds = retry_after or dig(body, "details", "retryAfterSeconds") or 0
        return cls(
            code=code,
            reason=str(dig(body, "reason") or ""),
            message=" ".join(str(message).split())[:_WORDS],
            retry_after=float(seconds) if str(seconds).replace(".", "", 1).isdigit() else 0,
            causes=dig(body, "details", "causes") or [],
        )

    def __str__(self) -> str:
        return f"{self.message} ({self.code} {self.reason})" if self.reason else f"{self.message} ({self.code})"

    @property
    def transient(self) -> bool:  # type: ignore[override]
        """Whether the same request may well succeed a little later: the server is starting, busy or half connected."""
        return self.code in _TRANSIENT or self.is_terminating_namespace or self.is_starting

    @property
    def is_not_found(self) -> bool:
        """Whether there is no such object."""
        return self.code == http.HTTPStatus.NOT_FOUND

    @property
    def is_missing_namespace(self) -> bool:
        """Whether it is the namespace that is not there."""
        return self.is_not_found and self.message.startswith("namespaces ")

    @property
    def is_conflict(self) -> bool:
        """Whether another field manager owns a field, or the object has changed meanwhile."""
        return self.code == http.HTTPStatus.CONFLICT

    @property
    def is_forbidden(self) -> bool:
        """Whether the user may not do it."""
        return self.code == http.HTTPStatus.FORBIDDEN

    @property
    def is_immutable(self) -> bool:
        """Whether a field cannot be changed."""
        words = ("immutable", "may not be changed", "may not change", "updates to", "cannot change")
        return self.code == http.HTTPStatus.UNPROCESSABLE_ENTITY and any(word in self.message for word in words)

    @property
    def is_terminating_namespace(self) -> bool:
        """Whether the namespace is on its way out, as a former one of the same name may be."""
        return self.is_forbidden and "because it is being terminated" in self.message

    @property
    def is_starting(self) -> bool:
        """Whether the server has not yet read the roles or accounts that allow the request."""
        return self.is_forbidden and ("not yet" in self.message or "RBAC: " in self.message)

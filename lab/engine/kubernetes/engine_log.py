"""Telling the person what goes on, through the engine."""

import contextlib
from collections.abc import Callable
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

_SECONDS = 5


class EngineLog:
    """Writes beside a resource's line in the engine's display."""

    def __init__(self, address: str, options: list[tuple[str, int]]) -> None:
        self._engine: Any = None
        if address:
            channel = grpc.insecure_channel(address, options=options)
            self._engine = engine_pb2_grpc.EngineStub(channel)

    def status(self, urn: str, text: str) -> None:
        """Say what is going on; the next word takes its place."""
        self._log(urn, text, engine_pb2.INFO, ephemeral=True)

    def warning(self, urn: str, text: str) -> None:
        """Say what the person should know."""
        self._log(urn, text, engine_pb2.WARNING, ephemeral=False)

    def _log(self, urn: str, text: str, severity: Any, *, ephemeral: bool) -> None:
        if self._engine is None:
            return
        request = engine_pb2.LogRequest(severity=severity, message=text, urn=urn, ephemeral=ephemeral)
        # An engine that cannot show a word is no reason to fail.
        with contextlib.suppress(grpc.RpcError):
            self._engine.Log(request, timeout=_SECONDS)


class Teller:
    """Says what a resource waits for, each thing once."""

    def __init__(self, log: EngineLog, urn: str, redact: Callable[[str], str]) -> None:
        self._log, self._urn, self._redact = log, urn, redact
        self._last = ""

    def __call__(self, text: str) -> None:
        """Say it, unless it was the last thing said."""
        if text != self._last:
            self._last = text
            self._log.status(self._urn, self._redact(text))

    def done(self) -> None:
        """Take back what was said."""
        if self._last:
            self._log.status(self._urn, "")

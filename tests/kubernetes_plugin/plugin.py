"""The plugin's process, spoken to as the engine does."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from lab.engine.kubernetes.values import Object, from_struct, to_struct

URN = "urn:pulumi:test::plugin::{token}::{name}"


class RefusedError(Exception):
    """The plugin refused; where an object is there all the same, `kept` tells of it."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details())
        self.kept: Any = None
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                status = status_pb2.Status.FromString(value)
                self.kept = provider_pb2.ErrorResourceInitFailed.FromString(status.details[0].value)


class Plugin:
    """A running plugin."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    @classmethod
    @contextmanager
    def start(cls, executable: Path) -> Iterator["Plugin"]:
        """Start a plugin and end it."""
        with subprocess.Popen([executable], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            running = cls(process, int(process.stdout.readline()))
            try:
                yield running
            finally:
                running._channel.close()
                process.terminate()

    def configure(self, **arguments: Any) -> None:
        """Configure the provider."""
        self._call("Configure", provider_pb2.ConfigureRequest(args=to_struct(arguments), acceptSecrets=True))

    def cancel(self) -> None:
        """Stop what goes on."""
        self._call("Cancel", empty_pb2.Empty())

    def check_config(self, **arguments: Any) -> list[str]:
        """Return what is wrong with settings."""
        answer = self._call("CheckConfig", provider_pb2.CheckRequest(news=to_struct(arguments)))
        return [each.reason for each in answer.failures]

    def check(self, token: str, name: str, declared: Object, old: Object | None = None) -> Any:
        """Complete a declaration."""
        news, olds = to_struct(declared), to_struct(old or {})
        return self._call("Check", provider_pb2.CheckRequest(urn=urn(token, name), news=news, olds=olds))

    def create(self, token: str, name: str, declared: Object, timeout: float = 0, *, preview: bool = False) -> Any:
        """Create an object from a declaration, completed first."""
        checked = self.check(token, name, declared)
        assert not checked.failures, checked.failures
        request = provider_pb2.CreateRequest(
            urn=urn(token, name), properties=checked.inputs, timeout=timeout, preview=preview
        )
        return self._call("Create", request)

    def read(self, token: str, name: str, identifier: str, inputs: Any = None, state: Any = None) -> Any:
        """Read an object."""
        request = provider_pb2.ReadRequest(urn=urn(token, name), id=identifier, inputs=inputs, properties=state)
        return self._call("Read", request)

    def delete(self, token: str, name: str, identifier: str, state: Any = None) -> None:
        """Delete an object."""
        self._call("Delete", provider_pb2.DeleteRequest(urn=urn(token, name), id=identifier, properties=state))

    def invoke(self, token: str) -> None:
        """Call a function of the package."""
        self._call("Invoke", provider_pb2.InvokeRequest(tok=token))

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self._stub, method)(request, timeout=60)
        except grpc.RpcError as error:
            raise RefusedError(error) from None


def urn(token: str, name: str) -> str:
    """Return a resource's URN."""
    return URN.format(token=token, name=name)


def inputs_of(checked: Any) -> Object:
    """Return the inputs of an answer."""
    return from_struct(checked.inputs)


def state_of(answer: Any) -> Object:
    """Return the state of an answer."""
    return from_struct(answer.properties)

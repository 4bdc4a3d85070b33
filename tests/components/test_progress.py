"""What a resource that waits tells, and how Ctrl-C ends its wait: in the SDK's real plugin for dynamic resources."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import IO, Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2_grpc

from cecf_components import progress

PROVIDER = """
from pulumi.dynamic import CreateResult, ResourceProvider
from cecf_components import progress

class Waiter(ResourceProvider):
    def create(self, props):
        wait = progress.waiting(props["name"], 5)
        wait.tell("waits")
        wait.sleep(60)
        return CreateResult(id_="never", outs={})
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, IO[str], Struct]]:
    """Run the plugin; give the engine's end of it, what it prints, and a resource that waits for a minute."""
    (tmp_path / "waiter.py").write_text(PROVIDER)
    monkeypatch.syspath_prepend(str(tmp_path))
    waits = Struct()
    waits.update({"name": "dev-general-1-ready", "__provider": serialize_provider(_waiter())})
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"],
        env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        with grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
            engine = provider_pb2_grpc.ResourceProviderStub(channel)
            engine.Configure(proto.ConfigureRequest())
            yield engine, process.stdout, waits
        process.kill()


def _waiter() -> Any:
    module = importlib.import_module("waiter")
    return importlib.reload(module).Waiter()


def test_a_request_to_cancel_ends_every_wait(plugin: tuple[Any, IO[str], Struct]) -> None:
    engine, said, waits = plugin
    calls: list[Future[Any]] = [engine.Create.future(proto.CreateRequest(properties=waits)) for _ in range(2)]
    assert [said.readline() for _ in calls] == ["dev-general-1-ready: waits\n"] * 2
    assert engine.Cancel(Empty()) == Empty()
    for call in calls:
        with pytest.raises(grpc.RpcError) as error:
            call.result(timeout=10)
        assert "interrupted; the next run waits again" in str(error.value)


def test_a_wait_that_nobody_ends_goes_on(plugin: tuple[Any, IO[str], Struct]) -> None:
    engine, said, waits = plugin
    call = engine.Create.future(proto.CreateRequest(properties=waits))
    assert said.readline() == "dev-general-1-ready: waits\n"
    with pytest.raises(grpc.FutureTimeoutError):
        call.result(timeout=0.5)


def test_outside_of_the_plugin_there_is_nothing_to_listen_to() -> None:
    wait = progress.waiting("dev-general-1-ready", 5)
    wait.sleep(0.001)
    assert wait.minutes == 5

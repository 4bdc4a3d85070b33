"""`cecf kubeconfig`: a secret, printed to who asks, or written for its owner alone."""

import os
from pathlib import Path

import pytest

from cecf.automation.stack import Stack
from cecf.cli.kubeconfig import Role, kubeconfig

CONTENT = "apiVersion: v1\nkind: Config\n"
OF_THE_VIEWER = "apiVersion: v1\nkind: Config\n# of the viewer\n"


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every stack have a kubeconfig."""
    monkeypatch.setattr(Stack, "__init__", lambda *_: None)
    contents = {"kubeconfig": CONTENT, "kubeconfig_viewer": OF_THE_VIEWER}
    monkeypatch.setattr(Stack, "secret", lambda _, name: contents[name])


def mode(file: Path) -> int:
    """Return who may do what with a file."""
    return file.stat().st_mode & 0o777


def test_it_is_printed_as_it_is_for_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    kubeconfig("dev")
    assert capsys.readouterr().out == CONTENT


def test_who_only_reads_gets_another_one(capsys: pytest.CaptureFixture[str]) -> None:
    kubeconfig("dev", role=Role.VIEWER)
    assert capsys.readouterr().out == OF_THE_VIEWER


def test_it_is_written_for_its_owner_alone_and_not_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new" / "dev.kubeconfig"
    before = os.umask(0)
    try:
        kubeconfig("dev", file=file)
    finally:
        os.umask(before)
    assert (file.read_text(), mode(file), mode(file.parent)) == (CONTENT, 0o600, 0o700)
    assert "Config" not in capsys.readouterr().out
    assert list(file.parent.iterdir()) == [file]


def test_an_older_file_that_everybody_may_read_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "dev.kubeconfig"
    file.write_text("old and longer than the new one " * 9)
    file.chmod(0o644)
    (tmp_path / ".dev.kubeconfig.new").write_text("left by an interrupted run")
    kubeconfig("dev", file=file)
    assert (file.read_text(), mode(file)) == (CONTENT, 0o600)


def test_nobody_who_has_the_old_file_open_reads_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / "dev.kubeconfig"
    file.write_text("old")
    file.chmod(0o644)
    with file.open() as spy:
        kubeconfig("dev", file=file)
        assert spy.read() == "old"

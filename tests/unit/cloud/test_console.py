"""A server's console: what it says of its boot, whatever else is on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keystoneauth1.exceptions import ConnectFailure

from cecf.cloud.console import LINES, Console, console
from tests.helpers.fake_cloud import FakeCloud

BOOT = """\
[    0.000000] Linux version 6.1.0
Debian GNU/Linux 12 dev-general-1 ttyS0\r
\r
cecf-boot: kernel: begins\r
[   12.345678] systemd[1]: Started something.
cecf-boot: kernel: done in 2 s\r
cecf-boot: container-runtime: begins\r
"""


def of(text: str) -> Console:
    """Return the console of a server on which `text` is."""
    return console(FakeCloud(consoles={"s": text}).connection, "s")


def test_the_newest_thing_that_the_node_said_is_its_progress() -> None:
    assert of(BOOT).progress == "container-runtime: begins"


def test_what_others_write_between_does_not_hide_it() -> None:
    assert of(f"{BOOT}[   13.0] random: crng init done\nlogin: ").progress == "container-runtime: begins"


def test_a_line_that_the_journal_forwards_counts_too() -> None:
    assert of("[   21.0] python3[812]: cecf-boot: membership: waiting for the API\n").progress == (
        "membership: waiting for the API"
    )


@pytest.mark.parametrize("text", ["", "\n\n", "Booting...\n", "cecf-boot:\n", "cecf-boot: kernel:\n"])
def test_a_console_without_a_word_of_the_boot_has_no_progress(text: str) -> None:
    assert of(text).progress == ""
    assert not of(text).gave_up


def test_a_node_that_gave_up_says_so_last() -> None:
    gave_up = "cecf-boot: node: gave up at step kernel; mend the cause, then: systemctl restart cecf-boot\n"
    assert of(BOOT + gave_up).gave_up
    # systemd starts the program again after a while: there is hope.
    assert not of(f"{BOOT}{gave_up}cecf-boot: data-disk: begins\n").gave_up


DONE = "cecf-boot: node: done in 60 s\r\n"


@pytest.mark.parametrize(
    ("text", "done"),
    [
        (BOOT, False),
        (BOOT + DONE, True),
        (f"{BOOT}{DONE}[   90.0] something of the kernel\nlogin: ", True),
        # Of the repair, long after the boot.
        (f"{BOOT}{DONE}cecf-boot: etcd: waiting for this member to be well\r\n", True),
        (f"{BOOT}{DONE}cecf-boot: data-disk: begins\r\n", False),
        (f"{BOOT}{DONE}cecf-boot: data-disk: begins\r\n{DONE}", True),
        (f"{BOOT}{DONE}cecf-boot: node: gave up at step etcd; mend the cause\r\n", False),
        ("", False),
    ],
)
def test_a_node_is_done_when_it_says_so_until_it_begins_again(text: str, *, done: bool) -> None:
    assert of(text).done is done


def test_a_step_that_fails_is_not_yet_the_end() -> None:
    assert not of("cecf-boot: kernel: failed: sysctl ended with 255: gave up on x\n").gave_up


def test_the_last_lines_are_those_with_something_in_them() -> None:
    assert of(BOOT).tail(2) == ("cecf-boot: kernel: done in 2 s", "cecf-boot: container-runtime: begins")
    assert len(of("\n\n".join(f"line {number}" for number in range(50))).tail()) == 12
    assert of("").tail() == ()


def test_no_more_is_asked_for_than_what_can_be_looked_at() -> None:
    text = "cecf-boot: kernel: begins\n" + "noise\n" * LINES
    assert of(text).progress == ""
    assert len(of(text).lines) == LINES


def test_a_server_without_a_console_has_an_empty_one() -> None:
    assert console(FakeCloud().connection, "s") == Console()


def test_a_cloud_that_does_not_answer_is_no_reason_to_end_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = FakeCloud()

    class Lost:
        def get_server_console_output(self, *_: object, **__: object) -> None:
            raise ConnectFailure("no route")

    monkeypatch.setattr(FakeCloud, "compute", Lost())
    assert console(cloud.connection, "s") == Console()


@pytest.mark.parametrize("answer", [None, {}, {"output": None}])
def test_an_answer_without_output_is_an_empty_console(answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def get_server_console_output(self, *_: object, **__: object) -> object:
            return answer

    monkeypatch.setattr(FakeCloud, "compute", Silent())
    assert console(FakeCloud().connection, "s") == Console()


@given(st.text(max_size=400))
def test_whatever_is_on_a_console_can_be_looked_at(text: str) -> None:
    seen = of(text)
    assert len(seen.tail()) <= 12
    assert isinstance(seen.gave_up, bool)
    assert "\n" not in seen.progress

"""Commands and waits of the program on nodes: what they say when they fail, and what a person sees meanwhile."""

import pytest

from tests.helpers.node_program import Machine

LAST_OF_KUBEADM = "To see the stack trace of this error execute with --v=5 or higher\n"
HAPROXY = "/etc/haproxy/haproxy.cfg"


def test_a_command_s_output_goes_to_the_journal_and_to_its_caller(
    worker: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    worker.commands.end("ctr", then=(0, "Client: 1.6\n", "a warning\n"))
    assert worker.program.tools.run("ctr", "version") == "Client: 1.6\na warning\n"
    assert capsys.readouterr().out == "$ ctr version\nClient: 1.6\na warning\n\n"
    assert worker.path("/dev/console").read_text() == ""


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("one\ntwo\n\n", "two"),
        (
            f"begins\n\t[ERROR Port-6443]: Port 6443 is in use\n{LAST_OF_KUBEADM}",
            "[ERROR Port-6443]: Port 6443 is in use",
        ),
        (f"error: timed out waiting\nbye\n{LAST_OF_KUBEADM}", "error: timed out waiting"),
        ("error: first\nerror: second\n", "error: second"),
        ("kubeadm: cannot stat it\nall the rest is well\n", "kubeadm: cannot stat it"),
        ("", "it said nothing"),
        ("x" * 900, "x" * 300),
    ],
)
def test_a_command_that_fails_is_explained_by_its_own_words(worker: Machine, said: str, reason: str) -> None:
    worker.commands.end("kubeadm", then=(3, said, ""))
    with pytest.raises(worker.program.tools.NotYetError) as caught:
        worker.program.tools.run("kubeadm", "join")
    assert str(caught.value).startswith("kubeadm ended with 3: ")
    assert str(caught.value).endswith(reason)


def test_a_command_that_may_fail_does(worker: Machine) -> None:
    worker.commands.end("modprobe", then=(1, "", "not found\n"))
    assert worker.program.tools.run("modprobe", "overlay", check=False) == "not found\n"


def test_what_is_there_already_is_not_waited_for(worker: Machine) -> None:
    worker.program.tools.wait("membership", "the API", lambda: True)
    assert (worker.clock.slept, worker.said("membership")) == ([], [])


def test_a_wait_says_what_for_and_now_and_then_that_it_goes_on(worker: Machine) -> None:
    worker.program.tools.wait("membership", "the API", lambda: worker.clock.now > 70)
    said = worker.said("membership")
    assert said[0] == "waiting for the API"
    assert [line.split(" (")[0] for line in said[1:]] == ["still waiting for the API"] * 2


def test_a_wait_ends_at_the_end_of_all_patience(worker: Machine) -> None:
    with pytest.raises(worker.program.tools.NotYetError, match="waited 3600 s for the API"):
        worker.program.tools.wait("membership", "the API", lambda: False)
    assert 3600 < worker.clock.now < 3700


def test_the_kernel_is_made_ready_from_the_files_that_hold_at_later_boots(worker: Machine) -> None:
    worker.commands.end("modprobe", then=(1, "", "built in\n"))
    worker.program.boot.kernel(worker.facts)
    assert worker.commands.log == [
        ("modprobe", "overlay"),
        ("modprobe", "br_netfilter"),
        ("modprobe", "nf_conntrack"),
        ("sysctl", "--system"),
        ("sysctl", "--load", "/etc/sysctl.d/90-cecf.conf"),
    ]


def test_a_kernel_that_does_not_take_its_values_is_not_passed_over(worker: Machine) -> None:
    refused = (255, "", "sysctl: cannot stat /proc/sys/net/bridge/bridge-nf-call-iptables: No such file\n")
    worker.commands.end("sysctl", "--load", then=refused)
    with pytest.raises(worker.program.tools.NotYetError, match="bridge-nf-call-iptables"):
        worker.program.boot.kernel(worker.facts)


def test_containerd_starts_with_its_configuration_and_must_answer(worker: Machine) -> None:
    worker.commands.end("ctr", then=(1, "", "ctr: cannot dial\n"))
    with pytest.raises(worker.program.tools.NotYetError, match="cannot dial"):
        worker.program.kubernetes.container_runtime(worker.facts)
    assert ("systemctl", "restart", "containerd") in worker.commands.log


LINKS = """[
 {"ifname": "lo", "addr_info": [{"local": "127.0.0.1"}]},
 {"ifname": "ens4", "addr_info": []},
 {"ifname": "ens3", "addr_info": [{"local": "192.0.2.1"}, {"local": "10.10.0.6"}]}
]"""


def test_the_endpoint_s_address_is_held_on_the_interface_that_has_the_node_s(first: Machine) -> None:
    first.commands.end("ip", then=(0, LINKS, ""))
    first.program.boot.load_balancer(first.facts)
    written = first.path("/etc/keepalived/keepalived.conf")
    assert "  interface ens3\n" in written.read_text()
    assert "@" not in written.read_text()
    assert written.stat().st_mode & 0o777 == 0o600


def test_the_load_balancer_starts_now_and_at_every_boot_if_its_configuration_is_right(first: Machine) -> None:
    first.commands.end("ip", then=(0, LINKS, ""))
    first.program.boot.load_balancer(first.facts)
    check, *services = first.commands.log[1:]
    assert check == ("haproxy", "-c", "-f", HAPROXY)
    assert services == [
        ("systemctl", verb, service) for service in ("haproxy", "keepalived") for verb in ("enable", "restart")
    ]


def test_a_load_balancer_with_a_wrong_configuration_is_not_started(first: Machine) -> None:
    first.commands.end("ip", then=(0, LINKS, ""))
    first.commands.end("haproxy", then=(1, "", "[ALERT] parsing: unknown keyword\n"))
    with pytest.raises(first.program.tools.NotYetError, match="unknown keyword"):
        first.program.boot.load_balancer(first.facts)
    assert first.commands.of("systemctl") == []


def test_a_node_without_its_address_waits_for_it(first: Machine) -> None:
    first.commands.end("ip", then=(0, '[{"ifname": "lo", "addr_info": [{"local": "127.0.0.1"}]}]', ""))
    with pytest.raises(first.program.tools.NotYetError, match=r"no interface has the address 10\.10\.0\.6"):
        first.program.boot.load_balancer(first.facts)

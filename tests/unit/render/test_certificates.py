"""The timer that renews what kubeadm signed: on control planes alone, and never on two of them at once."""

import pytest

from cecf.plan import ClusterPlan
from tests.helpers import clusters
from tests.helpers.programs import program, run
from tests.helpers.user_data import config, documents, files

SERVICE = "/etc/systemd/system/cecf-certificates.service"
TIMER = "/etc/systemd/system/cecf-certificates.timer"
PROGRAM = "/usr/local/lib/cecf/cecf/node/certificates.py"
ENABLE = ["systemctl", "enable", "--now", "cecf-certificates.timer"]


@pytest.fixture(scope="module")
def plan() -> ClusterPlan:
    """Return the plan of dev, with a window of its own."""
    return clusters.plan("dev", {"certificates": {"life_days": 60, "renew_before_days": 20}})


def test_a_worker_has_none_of_it(plan: ClusterPlan) -> None:
    for node in plan.worker_pools[0].nodes:
        assert not {SERVICE, TIMER, PROGRAM} & files(plan, node).keys()
        assert ENABLE not in config(plan, node)["runcmd"]


def test_each_control_plane_looks_at_an_hour_of_its_own(plan: ClusterPlan) -> None:
    hours = []
    for node in plan.control_plane.nodes:
        assert ENABLE in config(plan, node)["runcmd"]
        (line,) = [line for line in files(plan, node)[TIMER].splitlines() if line.startswith("OnCalendar=")]
        hours.append(line)
    assert hours == [f"OnCalendar=*-*-* 0{hour}:00:00 UTC" for hour in (1, 2, 3)]


def test_the_service_knows_the_window(plan: ClusterPlan) -> None:
    found = files(plan, plan.nodes[0])
    service = found[SERVICE]
    assert PROGRAM in found
    assert "ExecStart=/usr/bin/python3 -m cecf.node.certificates 20\n" in service
    assert "ConditionPathExists=/var/lib/cecf/boot/membership.done\n" in service


def test_systemd_takes_the_time() -> None:
    analyze = program("systemd-analyze")
    assert run(analyze, "calendar", "*-*-* 05:00:00 UTC").returncode == 0


def test_kubeadm_signs_for_as_long_as_the_settings_say(plan: ClusterPlan) -> None:
    told = documents(files(plan, plan.nodes[0])["/etc/cecf/kubeadm-init.yaml"])["ClusterConfiguration"]
    assert told["certificateValidityPeriod"] == "1440h0m0s"
    flags = {each["name"]: each["value"] for each in told["controllerManager"]["extraArgs"]}
    assert flags["cluster-signing-cert-file"] == "/etc/kubernetes/pki/ca-signing.crt"

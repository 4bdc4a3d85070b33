"""The real components accept what the catalogue sets, in every profile, and whatever the rules let a person set."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from cecf.plan import ClusterPlan
from cecf.problems import InvalidInputError
from cecf.render.kube_proxy import kube_proxy_config
from cecf.render.scheduler import scheduler_config
from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.kinds import Boolean, Choice, Duration, Integer, Number
from cecf.tuning.model import Component, Profile, Setting
from cecf.tuning.resolve import document
from tests.helpers import clusters, judges
from tests.helpers.programs import program, run, run_in_node_image
from tests.helpers.user_data import documents, files

profiles = pytest.mark.parametrize("profile", Profile)

INIT = "/etc/cecf/kubeadm-init.yaml"
DROP_IN = "/etc/cecf/kubelet.conf.d/90-cecf.conf"


def plan(profile: Profile = Profile.BASE, values: Mapping[str, Any] | None = None) -> ClusterPlan:
    """Return the dev cluster in a profile, with a volume that carries any."""
    tuning = {"profile": str(profile), "values": values or {}}
    return clusters.plan("dev", {"tuning": tuning, "etcd": {"volume": {"size_gib": 20}}})


def written(cluster: ClusterPlan) -> dict[str, str]:
    """Return the files of the first control plane."""
    return files(cluster, cluster.nodes[0])


def flags(cluster: ClusterPlan, part: str) -> list[str]:
    """Return the flags that kubeadm passes on to a component."""
    told: Any = documents(written(cluster)[INIT])["ClusterConfiguration"]
    for name in part.split("."):
        told = told[name]
    return [f"--{flag['name']}={flag['value']}" for flag in told["extraArgs"]]


def kubelet(cluster: ClusterPlan, folder: Path) -> str:
    found = written(cluster)
    return judges.kubelet(folder, documents(found[INIT])["KubeletConfiguration"], found[DROP_IN])


def etcd(cluster: ClusterPlan) -> list[str]:
    """Return etcd's tuned flags: the others say where it is and whom it trusts."""
    return [f"--{name}={value}" for name, value in document(cluster.tuning.cluster, Component.ETCD).items()]


Judge = Callable[[ClusterPlan, Path], str]

JUDGES: dict[Component, Judge] = {
    Component.KUBELET: kubelet,
    Component.KUBE_PROXY: lambda cluster, folder: judges.kube_proxy(folder, kube_proxy_config(cluster)),
    Component.SCHEDULER: lambda cluster, folder: judges.scheduler(folder, scheduler_config(cluster)),
    Component.API_SERVER: lambda cluster, folder: judges.api_server(folder, flags(cluster, "apiServer")),
    Component.CONTROLLER_MANAGER: lambda cluster, folder: judges.controller_manager(
        folder, flags(cluster, "controllerManager")
    ),
    Component.ETCD: lambda cluster, folder: judges.etcd(folder, etcd(cluster)),
}

components = pytest.mark.parametrize("component", JUDGES, ids=str)


@profiles
@components
def test_a_component_accepts_every_profile(component: Component, profile: Profile, tmp_path: Path) -> None:
    assert JUDGES[component](plan(profile), tmp_path) == ""


@profiles
def test_kubeadm_accepts_every_profile(profile: Profile, tmp_path: Path) -> None:
    (tmp_path / "init.yaml").write_text(written(plan(profile))[INIT])
    assert run(program("kubeadm"), "config", "validate", "--config", str(tmp_path / "init.yaml")).stdout == "ok\n"


UNKNOWN: dict[Component, Callable[[Path], str]] = {
    Component.KUBELET: lambda folder: judges.kubelet(
        folder, documents(written(plan())[INIT])["KubeletConfiguration"], written(plan())[DROP_IN] + "mispelt: 1\n"
    ),
    Component.KUBE_PROXY: lambda folder: judges.kube_proxy(folder, {**kube_proxy_config(plan()), "mispelt": 1}),
    Component.SCHEDULER: lambda folder: judges.scheduler(folder, {**scheduler_config(plan()), "mispelt": 1}),
    Component.API_SERVER: lambda folder: judges.api_server(folder, ["--mispelt=1"]),
    Component.CONTROLLER_MANAGER: lambda folder: judges.controller_manager(folder, ["--mispelt=1"]),
    Component.ETCD: lambda folder: judges.etcd(folder, ["--mispelt=1"]),
}


@components
def test_a_judge_would_tell_of_what_its_component_does_not_know(component: Component, tmp_path: Path) -> None:
    assert "mispelt" in UNKNOWN[component](tmp_path)


REFUSED: list[tuple[Component, dict[str, Any]]] = [
    (Component.KUBELET, {"imageGCLowThresholdPercent": 85}),
    (Component.KUBELET, {"serializeImagePulls": True}),
    (Component.KUBELET, {"shutdownGracePeriodCriticalPods": "2m"}),
    (Component.KUBELET, {"enforceNodeAllocatable": ["pods", "system-reserved"]}),
    (Component.KUBELET, {"maxPods": -5}),
    (Component.SCHEDULER, {"podMaxBackoffSeconds": 1}),
    (Component.SCHEDULER, {"leaderElection": {"renewDeadline": "20s"}}),
    (Component.KUBE_PROXY, {"mode": "fast"}),
    (Component.API_SERVER, {"goaway-chance": 0.5}),
    (Component.CONTROLLER_MANAGER, {"controllers": "*,tokens"}),
    (Component.ETCD, {"election-timeout": 300}),
]
"""What a rule or a range refuses, and the component itself would, too: only later, on a server that has been paid."""


@pytest.mark.parametrize(("component", "wrong"), REFUSED)
def test_a_component_refuses_what_the_rules_refuse(component: Component, wrong: dict[str, Any], tmp_path: Path) -> None:
    cluster = plan()
    if component is Component.KUBELET:
        drop_in = yaml.safe_load(written(cluster)[DROP_IN])
        told = {**drop_in, **{k: {**drop_in[k], **v} if isinstance(v, dict) else v for k, v in wrong.items()}}
        base = documents(written(cluster)[INIT])["KubeletConfiguration"]
        said = judges.kubelet(tmp_path, base, yaml.safe_dump(told))
    elif component is Component.SCHEDULER:
        config = scheduler_config(cluster)
        told = {**config, **{k: {**config[k], **v} if isinstance(v, dict) else v for k, v in wrong.items()}}
        said = judges.scheduler(tmp_path, told)
    elif component is Component.KUBE_PROXY:
        said = judges.kube_proxy(tmp_path, {**kube_proxy_config(cluster), **wrong})
    else:
        judge = {
            Component.API_SERVER: judges.api_server,
            Component.CONTROLLER_MANAGER: judges.controller_manager,
            Component.ETCD: judges.etcd,
        }[component]
        said = judge(tmp_path, [f"--{name}={value}" for name, value in wrong.items()])
    assert any(name.lower() in said.lower().replace("-", "") for name in _names(wrong)), said


def _names(wrong: dict[str, Any]) -> list[str]:
    """Return what a component may call what is wrong, without hyphens."""
    inner = [name for value in wrong.values() if isinstance(value, dict) for name in value]
    return [name.replace("-", "") for name in (*wrong, *inner)]


def any_value(setting: Setting) -> st.SearchStrategy[Any]:
    """Return what a person may set, at the ends of the range more often than within it."""
    match setting.kind:
        case Integer(low, high):
            return st.sampled_from((low, high)) | st.integers(low, high)
        case Number(low, high):
            return st.sampled_from((low, high))
        case Duration(low, high):
            return st.sampled_from((low, high))
        case Choice(words):
            return st.sampled_from(words)
        case Boolean():
            return st.booleans()
    return st.nothing()


def of_component(component: Component) -> dict[str, st.SearchStrategy[Any]]:
    """Return the settings of a component that can be drawn."""
    return {
        setting.name: any_value(setting)
        for setting in CATALOGUE.values()
        if setting.component is component and not setting.key and any_value(setting) != st.nothing()
    }


@components
# Without shrinking: each try starts a component.
@settings(max_examples=15, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_the_rules_let_pass_the_component_accepts(
    component: Component, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    settings_of = of_component(component)
    # A few at a time: of many, some would always contradict each other.
    names = data.draw(st.lists(st.sampled_from(sorted(settings_of)), min_size=1, max_size=2, unique=True))
    drawn = {name: data.draw(settings_of[name]) for name in names}
    try:
        cluster = plan(values={component: drawn})
    except InvalidInputError:
        assume(False)  # noqa: FBT003 (hypothesis' own way to say: another one)
    assert JUDGES[component](cluster, tmp_path_factory.mktemp("judged")) == ""


@profiles
def test_containerd_takes_over_every_value(profile: Profile, tmp_path: Path) -> None:
    cluster = plan(profile)
    (tmp_path / "config.toml").write_text(written(cluster)["/etc/containerd/config.toml"])
    done = run_in_node_image(tmp_path, "containerd", "--config", "/mnt/config.toml", "config", "dump")
    assert done.returncode == 0, done.stdout
    for tuned in cluster.tuning.control_plane.values():
        if tuned.component is Component.CONTAINERD:
            # It ignores a key that it does not know: then its dump lacks it.
            assert f"{tuned.path[-1]} = {tuned.value}" in done.stdout


@profiles
def test_systemd_takes_the_drop_ins_and_the_slice(profile: Profile, tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    units = {
        Path(path): text
        for path, text in written(plan(profile)).items()
        if path.startswith("/etc/systemd/system/") and "/cecf-" not in path
    }
    for path, text in units.items():
        file = tmp_path / path.relative_to("/etc/systemd/system")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("/usr/bin/etcd", "/bin/true"))
    for name in ("kubelet", "containerd"):
        (tmp_path / f"{name}.service").write_text("[Service]\nExecStart=/bin/true\n")
    done = subprocess.run(
        [analyze, "verify", "--man=no", "--recursive-errors=no", *map(str, tmp_path.glob("*.s[el][ri][vc]*"))],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = (done.stdout + done.stderr).splitlines()
    told = [line for line in said if any(word in line for word in ("90-cecf", "slice", "etcd"))]
    assert told == []
    assert {path.name for path in units} == {"90-cecf.conf", "runtime.slice", "etcd.service"}


def test_the_kernel_has_every_sysctl() -> None:
    names = [setting.field for setting in CATALOGUE.values() if setting.component is Component.SYSCTL]
    missing = [name for name in names if not Path("/proc/sys", *name.split(".")).exists()]
    # They come with a module, which a machine without bridges has not loaded.
    assert [name for name in missing if not name.startswith("net.bridge.")] == []

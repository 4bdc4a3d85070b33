"""Where each component's values are to be seen on a node, and how they are read from there. Pure."""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cecf.kubernetes.running.asking import Answers, Question, UnreadableError
from cecf.kubernetes.running.documents import at, of_containerd, of_kube_proxy
from cecf.tuning.drift import Seen
from cecf.tuning.kinds import Value
from cecf.tuning.members import Member
from cecf.tuning.model import Component
from cecf.tuning.tables import known
from cecf.tuning.tuned import Tuned, Tuning
from cecf.tuning.units import seconds

MEMBER: Question = ("etcd",)
"""What etcd's member on a node says of itself."""

_QUOTA = "etcd.quota-backend-bytes"

_EFFECTS = {
    "kube-proxy.conntrack.tcpEstablishedTimeout": "net.netfilter.nf_conntrack_tcp_timeout_established",
    "kube-proxy.conntrack.tcpCloseWaitTimeout": "net.netfilter.nf_conntrack_tcp_timeout_close_wait",
    "kube-proxy.conntrack.udpTimeout": "net.netfilter.nf_conntrack_udp_timeout",
    "kube-proxy.conntrack.udpStreamTimeout": "net.netfilter.nf_conntrack_udp_timeout_stream",
}
"""What kube-proxy sets in the kernel, in seconds."""


@dataclass(frozen=True)
class Reader:
    """One way to see values of a component."""

    source: str
    questions: Callable[[Tuned], Sequence[Question]]
    value: Callable[..., Value]
    """Takes the setting and the texts of the answers; returns none where the source does not name it."""
    reads: Callable[[Tuned], bool] = lambda _tuned: True
    """Whether a setting is to be seen there; it may be seen in several places."""
    default: Callable[[Tuned, str], Value] = lambda _tuned, _minor: None
    """What a component of a minor has where the source does not name it."""


def questions(declared: Tuning) -> set[Question]:
    """Return what has to be asked to see values."""
    return {each for tuned in declared.values() for reader in _readers(tuned) for each in reader.questions(tuned)}


def seen(declared: Tuning, minor: str, answers: Answers) -> Iterator[Seen]:
    """Yield each value in each place where it is to be seen."""
    for tuned in declared.values():
        for reader in _readers(tuned):
            yield _seen(tuned, minor, reader, answers)


def members_of(node: str, answers: Answers) -> list[Member]:
    """Return etcd's member on a node; none where there is none, or none that answers: its quota is then unread."""
    try:
        status = _status(answers[MEMBER].read())
        return [
            Member(
                node=node,
                version=status["version"],
                leader=status.get("leader", 0),
                revision=status["header"]["revision"],
                size=status["dbSize"],
            )
        ]
    except (UnreadableError, ValueError, LookupError, TypeError):
        return []


def flags(text: str) -> dict[str, str]:
    """Return the flags among the words of a command line, given as JSON."""
    words = (word.lstrip("-").partition("=") for word in json.loads(text)[1:] if word.startswith("-"))
    return {name: value if equals else "true" for name, equals, value in words}


def _readers(tuned: Tuned) -> list[Reader]:
    return [reader for reader in READERS[tuned.component] if reader.reads(tuned)]


def _seen(tuned: Tuned, minor: str, reader: Reader, answers: Answers) -> Seen:
    try:
        value = reader.value(tuned, *(answers[question].read() for question in reader.questions(tuned)))
    except UnreadableError as error:
        return Seen(id=tuned.id, source=reader.source, fault=str(error))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        return Seen(id=tuned.id, source=reader.source, fault=f"what it says is not understood: {error!r}")
    return Seen(id=tuned.id, source=reader.source, value=reader.default(tuned, minor) if value is None else value)


# ------------------------------------------------------------------ values in texts


def _kube_proxy(tuned: Tuned, configz: str, node: str) -> Value:
    known_addresses = json.loads(node)["status"]["addresses"]
    addresses = {each["address"] for each in known_addresses if each["type"] in ("InternalIP", "ExternalIP")}
    return of_kube_proxy(_only(configz), tuned.path, addresses)


def _timeout(tuned: Tuned, text: str) -> Value:
    return tuned.value if int(text) == int(seconds(tuned.value)) else f"{int(text)}s"


def _flag(tuned: Tuned, text: str) -> Value:
    return flags(text).get(tuned.path[0])


def _flag_default(tuned: Tuned, minor: str) -> Value:
    field = known(tuned.component, minor).get(tuned.path[0])
    return field.default if field else None


_IO_CLASSES = {"0": "none", "1": "realtime", "2": "best-effort", "3": "idle"}
"""The kernel's numbers, by which systemctl shows them."""


def _of_unit(tuned: Tuned, text: str) -> Value:
    value = _shown(text, tuned.path[0])
    return _IO_CLASSES.get(str(value), value) if tuned.path[0] == "IOSchedulingClass" else value


def _property(tuned: Tuned, text: str) -> Value:
    return _shown(text, tuned.path[1])


def _shown(text: str, name: str) -> Value:
    properties = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if properties["NeedDaemonReload"] == "yes":
        raise UnreadableError("its files have changed since systemd read them")
    value = properties[name]
    return None if value == "[not set]" else value


def _modules(tuned: Tuned, *texts: str) -> Value:
    return [name for name, text in zip(tuned.value, texts, strict=True) if text == "yes"]


def _maxconn(_tuned: Tuned, text: str) -> Value:
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)["Maxconn"]


def _status(text: str) -> Mapping[str, Any]:
    (endpoint,) = json.loads(text)
    status: Mapping[str, Any] = endpoint["Status"]
    return status


def _only(text: str) -> Any:
    """Return the one document in what a component shows, whatever the component calls it."""
    (document,) = json.loads(text).values()
    return document


def _about(*question: str) -> Callable[[Tuned], Sequence[Question]]:
    return lambda _tuned: (question,)


def _flags_of(component: Component) -> Reader:
    return Reader("its process' flags", _about("flags", component), _flag, default=_flag_default)


READERS: Mapping[Component, tuple[Reader, ...]] = {
    Component.KUBELET: (Reader("/configz", _about("kubelet"), lambda tuned, text: at(_only(text), tuned.path)),),
    Component.KUBE_PROXY: (
        Reader("/configz", lambda _tuned: (("configz", "kube-proxy"), ("node",)), _kube_proxy),
        Reader(
            "/proc/sys",
            lambda tuned: (("sysctl", _EFFECTS[tuned.id]),),
            _timeout,
            # Of one that is zero kube-proxy leaves the kernel's.
            reads=lambda tuned: tuned.id in _EFFECTS and seconds(tuned.value) > 0,
        ),
    ),
    Component.SCHEDULER: (
        Reader("/configz", _about("configz", "kube-scheduler"), lambda tuned, text: at(_only(text), tuned.path)),
    ),
    Component.API_SERVER: (_flags_of(Component.API_SERVER),),
    Component.CONTROLLER_MANAGER: (_flags_of(Component.CONTROLLER_MANAGER),),
    Component.ETCD: (
        _flags_of(Component.ETCD),
        Reader(
            "etcdctl endpoint status",
            lambda _tuned: (MEMBER,),
            lambda _tuned, text: _status(text).get("dbSizeQuota"),
            reads=lambda tuned: tuned.id == _QUOTA,
        ),
    ),
    Component.ETCD_UNIT: (
        Reader(
            "systemctl show", lambda tuned: (("unit", "etcd.service", "NeedDaemonReload", tuned.path[0]),), _of_unit
        ),
    ),
    Component.CONTAINERD: (
        Reader(
            "containerd config dump",
            _about("containerd"),
            lambda tuned, text: of_containerd(tomllib.loads(text), tuned.path),
        ),
    ),
    Component.SYSTEMD: (
        Reader(
            "systemctl show", lambda tuned: (("unit", tuned.path[0], "NeedDaemonReload", tuned.path[1]),), _property
        ),
    ),
    Component.SYSCTL: (
        Reader("/proc/sys", lambda tuned: (("sysctl", tuned.path[0]),), lambda _tuned, text: text.strip()),
    ),
    Component.MODULES: (Reader("/proc/modules", lambda tuned: [("module", name) for name in tuned.value], _modules),),
    Component.HAPROXY: (Reader("show info", _about("haproxy"), _maxconn),),
}
"""In each component's case where its values are to be seen."""

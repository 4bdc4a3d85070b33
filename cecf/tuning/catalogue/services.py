"""systemd's units of the kubelet and containerd: limits, and who is killed last."""

from functools import partial

from cecf.tuning.catalogue import references as ref
from cecf.tuning.kinds import Choice, Integer, Text
from cecf.tuning.model import Component, Difference, Profile, Setting

_systemd = partial(Setting, component=Component.SYSTEMD)
_etcd_unit = partial(Setting, component=Component.ETCD_UNIT)

RUNTIME_SLICE = "runtime.slice"
"""A hyphen in the name would put it into a slice of the usual weight, where its own weight counts for nothing."""

_LAST = "killed last when memory is short, from its first moment on: before it has read its own configuration"
_SLICE = "the kubelet and containerd have a share of the CPU of their own, beside the system's and the pods'"

SETTINGS = (
    _systemd(
        field="kubelet.service",
        key="OOMScoreAdjust",
        kind=Integer(-1000, 1000, "points"),
        base=-999,
        reason=_LAST,
        source=f"{ref.S3}; {ref.SYSTEMD_EXEC}",
        rests_on=("kubelet.oomScoreAdj",),
    ),
    _systemd(
        field="containerd.service",
        key="OOMScoreAdjust",
        kind=Integer(-1000, 1000, "points"),
        base=-999,
        reason=_LAST,
        source=f"{ref.S3}; {ref.CONTAINERD_UNIT}",
        rests_on=("containerd.oom_score",),
    ),
    *(
        _systemd(
            field=unit,
            key="Slice",
            kind=Choice((RUNTIME_SLICE, "system.slice")),
            base=RUNTIME_SLICE,
            reason=_SLICE,
            source=f"{ref.S3}; {ref.RESERVATIONS}",
        )
        for unit in ("kubelet.service", "containerd.service")
    ),
    _systemd(
        field=RUNTIME_SLICE,
        key="CPUWeight",
        kind=Integer(1, 10_000, "parts; 100 is usual"),
        base=500,
        reason="all pods of 8 cores weigh 313 (532 from 1.35 on): the runtime keeps about half when all are busy",
        source=ref.SYSTEMD_RESOURCES,
        profiles={Profile.HUGE: Difference(1000, "a node that is late with its lease is one that is lost")},
    ),
    _systemd(
        field="kubelet.service",
        key="LimitNOFILE",
        kind=Integer(1024, 1_073_741_816, "open files"),
        base=1_000_000,
        reason="a watch, a log and a stream for each container",
        source=ref.SYSTEMD_EXEC,
        rests_on=("sysctl.fs.nr_open",),
    ),
    _systemd(
        field="containerd.service",
        key="LimitNOFILE",
        kind=Integer(1024, 1_073_741_816, "open files"),
        base=1_048_576,
        reason="containers inherit it: a database's files and connections. With infinity, programs that close every "
        "possible file would close a billion",
        source=ref.CONTAINERD_UNIT,
        rests_on=("sysctl.fs.nr_open",),
    ),
    _systemd(
        field="containerd.service",
        key="TasksMax",
        kind=Text("infinity, or a number", r"infinity|\d+%?"),
        base="infinity",
        reason="shims and what runs in them are counted here; pods have limits of their own",
        source=ref.CONTAINERD_UNIT,
    ),
    _etcd_unit(
        field="Nice",
        kind=Integer(-20, 19, "steps; lower goes first"),
        base=-10,
        reason="a heartbeat that waits for a CPU looks like a lost leader",
        source=f"{ref.S0}; {ref.ETCD_TUNING}",
        profiles={Profile.HUGE: Difference(-15, "thousands of writes a second beside an API server that is busy, too")},
    ),
    _etcd_unit(
        field="IOSchedulingClass",
        kind=Choice(("realtime", "best-effort", "idle", "none")),
        base="best-effort",
        reason="with priority 0: before everything else but the kernel's own, and nothing starves",
        source=f"{ref.S0}; {ref.ETCD_TUNING}",
        note="of effect where the disk's scheduler knows priorities: bfq, and mq-deadline since Linux 5.14",
    ),
    _etcd_unit(
        field="IOSchedulingPriority",
        kind=Integer(0, 7, "steps; lower goes first"),
        base=0,
        reason="as etcd's documentation has it: `ionice -c2 -n0`",
        source=f"{ref.S0}; {ref.ETCD_TUNING}",
    ),
    _etcd_unit(
        field="OOMScoreAdjust",
        kind=Integer(-1000, 1000, "points"),
        base=-999,
        reason="killed last when memory is short: without it the cluster has no memory of anything",
        source=f"{ref.S3}; {ref.SYSTEMD_EXEC}",
    ),
    _etcd_unit(
        field="LimitNOFILE",
        kind=Integer(1024, 1_073_741_816, "open files"),
        base=65_536,
        reason="a connection for each API server's client and watch; etcd warns below",
        source=ref.SYSTEMD_EXEC,
    ),
)

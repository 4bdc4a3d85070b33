"""containerd. `cri` stands for its section `plugins."io.containerd.grpc.v1.cri"`."""

from functools import partial

from cecf.tuning.catalogue import references as ref
from cecf.tuning.kinds import Duration, Integer
from cecf.tuning.model import Component, Difference, Profile, Setting

_containerd = partial(Setting, component=Component.CONTAINERD)

SETTINGS = (
    _containerd(
        field="oom_score",
        kind=Integer(-1000, 1000, "points; -1000: never killed"),
        base=-999,
        reason="with containerd every container of the node is without its keeper",
        source=ref.S3,
    ),
    _containerd(
        field="cri.max_concurrent_downloads",
        kind=Integer(1, 50, "layers of one image"),
        base=3,
        reason="the default",
        source=ref.S3,
        profiles={
            Profile.THROUGHPUT: Difference(8, "images of gigabytes over a fast line"),
            Profile.EDGE: Difference(1, "a thin line"),
        },
        rests_on=("kubelet.maxParallelImagePulls",),
    ),
    _containerd(
        field="cri.image_pull_progress_timeout",
        kind=Duration("30s", "1h"),
        base=None,
        reason="a pull ends when nothing has arrived for this long, by default 5m; one that goes on may take its time",
        source=ref.S3,
        note="containerd has it from 1.7 on. The node image's 1.6 would ignore it, so that no profile sets it",
    ),
    _containerd(
        field="cri.max_container_log_line_size",
        kind=Integer(1024, 1_048_576, "bytes"),
        base=16_384,
        reason="the default: longer lines are cut in parts that log collectors put together",
        source=ref.CONTAINERD,
        drift="cosmetic",
    ),
)

"""Which Kubernetes releases may follow which: one minor at a time, and not back."""

from collections.abc import Iterable

from cecf.problems import Problem, config_set


def minor(release: str) -> int:
    """Return the minor's number: 34 of `1.34.4`."""
    return int(release.split(".")[1])


def refusals(wanted: str, running: Iterable[str]) -> Iterable[Problem]:
    """Refuse a release that control planes which run these cannot be taken to; paths are the settings'."""
    path = "cluster.kubernetes_version"
    minors = sorted({minor(release) for release in running})
    if not minors:
        return
    oldest, newest = minors[0], minors[-1]
    if minor(wanted) > oldest + 1:
        yield Problem(
            path=path,
            what=f"from 1.{oldest} to {wanted} is more than one minor",
            why="API servers of a cluster may be one minor apart, and each minor converts only the last one's data",
            mend=config_set(path, f"<a-release-of-1.{oldest + 1}>"),
        )
    if minor(wanted) < newest:
        yield Problem(
            path=path,
            what=f"the cluster runs 1.{newest} and cannot go back to {wanted}",
            why="the older release does not know all that the newer one has stored",
            mend="return to the release and the data of before the upgrade: cecf rollback",
        )

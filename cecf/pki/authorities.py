"""Generations of a cluster's authorities: which signs, which are trusted, and the way from one to the next. Pure.

A generation is one authority of each kind. To go from the first to the second without anybody refusing anybody takes
three steps, each carried to every node before the next: trust both, sign by the second, trust the second alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from cecf.pki.keys import KeyPair, Pki
from cecf.problems import Problem

KINDS: Mapping[str, str] = {"kubernetes": "kubernetes", "front_proxy": "front-proxy-ca", "etcd": "etcd-ca"}
"""The authorities of each generation: the name in `Pki`, and the common name, which is kubeadm's."""

Authorities = Mapping[str, KeyPair]
"""One generation's authorities, by the names of `KINDS`."""

PATH = "cluster.certificates.authority"
"""The settings that this is about."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Which generation signs, and which are trusted."""

    generation: int
    trust: tuple[int, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return it from the state, where every number is a float."""
        return cls(generation=int(data["generation"]), trust=tuple(int(each) for each in data["trust"]))

    def as_data(self) -> dict[str, Any]:
        """Return it for the state."""
        return {"generation": self.generation, "trust": list(self.trust)}

    @property
    def order(self) -> tuple[int, ...]:
        """The generations as they stand in a bundle: the signing one first, as kubeadm wants it, then by age."""
        return (self.generation, *sorted(set(self.trust) - {self.generation}))


def refusals(before: Trust, now: Trust) -> Iterator[Problem]:
    """Yield what a running cluster cannot do at once: half of its nodes would refuse the other half meanwhile."""
    if now.generation != before.generation and now.generation not in before.trust:
        yield Problem(
            path=f"{PATH}.generation",
            what=f"generation {now.generation} is not trusted by the running cluster yet",
            why=f"first trust it besides, with generation {before.generation} still signing, and run `up`",
            mend=_written(before.generation, {*before.trust, now.generation}),
        )
    elif before.generation not in now.trust:
        yield Problem(
            path=f"{PATH}.trust",
            what=f"generation {before.generation} still signs in the running cluster",
            why="it has to be trusted until `up` has run with another one signing",
            mend=_written(now.generation, {*now.trust, before.generation}),
        )
    if old := sorted(each for each in now.trust if each not in before.trust and each < max(before.trust)):
        yield Problem(
            path=f"{PATH}.trust",
            what=f"generation {old[0]} is gone",
            why="its keys went when it was no longer trusted; a new generation takes a new number",
            mend=_written(now.generation, {*now.trust, max(before.trust) + 1} - {old[0]}),
        )


def _written(generation: int, trust: Iterable[int]) -> str:
    # The list as a whole: `pulumi config set` cannot add to one that stands in no file.
    return f"write 'cecf:{PATH}' as {{generation: {generation}, trust: {sorted(trust)}}}"


def with_authorities(pki: Pki, generations: Mapping[int, Authorities], trust: Trust) -> Pki:
    """Return the keys with the signing generation's authorities, and in each `certificate` a bundle of all trusted."""

    def bundle(kind: str) -> KeyPair:
        certificates = [generations[number][kind].certificate for number in trust.order]
        return KeyPair(certificate="".join(certificates), key=generations[trust.generation][kind].key)

    return replace(pki, kubernetes=bundle("kubernetes"), front_proxy=bundle("front_proxy"), etcd=bundle("etcd"))


def first_of(bundle: str) -> str:
    """Return the first certificate of a bundle: the one that signs."""
    end = "-----END CERTIFICATE-----\n"
    first, found, _ = bundle.partition(end)
    return f"{first}{found}"

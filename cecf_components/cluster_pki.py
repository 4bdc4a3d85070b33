"""Makes a cluster's authorities and keys, once for each generation.

A dynamic resource: the keys are made when the cluster is, kept encrypted in the state, and never made anew by a
preview or a second run. Another generation of authorities is made when it is to be trusted, and forgotten when it is
not any more. The state holds its provider by the class's full name, so the class must not move.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from cecf.pki.authorities import KINDS, Trust, refusals, with_authorities
from cecf.pki.keys import KeyPair, Pki
from cecf.pki.make import expires, make_authorities, make_pki
from cecf.settings.certificates import CertificateSettings

_DECISIVE = ("birth", "authority")
"""The inputs that change the outputs. How long a new generation is valid is none of them: none is made for it."""


def _command(path: str, value: str) -> str:
    if (path, value) == ("etcd.events.members", "0"):
        return "pulumi config rm --path 'cecf:cluster.etcd.events'"
    return f"pulumi config set --path 'cecf:cluster.{path}' '{value}'"


class _PkiProvider(ResourceProvider):
    """Makes keys; reads nothing and deletes nothing, since they are in the state only."""

    serialize_as_secret_always = False

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuse, in a preview already, what would break the cluster that has these keys."""
        return CheckResult(inputs=news, failures=[*_reborn(olds, news), *_mistrusted(olds, news)])

    def create(self, props: dict[str, Any]) -> CreateResult:
        pki = make_pki(props["cluster"])
        return CreateResult(id_=props["cluster"], outs=_made(pki, {}, props))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=any(olds.get(name) != news.get(name) for name in _DECISIVE))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(outs=_made(Pki.from_data(olds["pki"]), olds["generations"], news))


def _made(pki: Pki, kept: Mapping[str, Mapping[str, Mapping[str, str]]], props: dict[str, Any]) -> dict[str, Any]:
    """Return what the state holds: the keys that were kept, and those of generations that are new."""
    trust = Trust.from_data(props["authority"])
    life_days = int(props["authority_life_days"])
    generations = {
        number: {kind: KeyPair(**pair) for kind, pair in kept[str(number)].items()}
        if str(number) in kept
        else make_authorities(props["cluster"], number, life_days)
        for number in trust.order
    }
    return {
        **props,
        "pki": with_authorities(pki, generations, trust).as_data(),
        "generations": {
            str(number): {kind: {"certificate": pair.certificate, "key": pair.key} for kind, pair in pairs.items()}
            for number, pairs in generations.items()
        },
        "expires": {
            f"{KINDS[kind]}-{number}": f"{expires(pair.certificate):%Y-%m-%dT%H:%M:%SZ}"
            for number, pairs in sorted(generations.items())
            for kind, pair in pairs.items()
        },
    }


def _reborn(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterator[CheckFailure]:
    before, now = olds.get("birth") or {}, news.get("birth") or {}
    for path, value in before.items():
        if path in now and now[path] != value:
            reason = f"the running cluster has {value} and cannot get {now[path]}; set it back: {_command(path, value)}"
            yield CheckFailure(property_=f"cecf:cluster.{path}", reason=reason)


def _mistrusted(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterator[CheckFailure]:
    before, now = olds.get("authority"), news.get("authority")
    if before and now:
        for problem in refusals(Trust.from_data(before), Trust.from_data(now)):
            reason = f"{problem.what}; {problem.why}; mend: {problem.mend}"
            yield CheckFailure(property_=f"cecf:{problem.path}", reason=reason)


class ClusterPki(Resource, module="cecf", name="ClusterPki"):
    """Three authorities, and keys for service accounts' tokens, for Secrets and for snapshots; all secret."""

    pki: pulumi.Output[dict[str, Any]]
    """`cecf.pki.keys.Pki` as data; secret."""
    expires: pulumi.Output[dict[str, str]]
    """Until when each authority that is trusted is valid: RFC 3339, UTC, by name and generation."""

    def __init__(
        self,
        name: str,
        cluster: str,
        birth: Mapping[str, str],
        certificates: CertificateSettings,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Make the keys of `cluster`.

        `birth`: what it can never change, by the path of the setting.
        `certificates`: which generations of authorities there are, and how long a new one is valid.
        """
        trust = Trust(generation=certificates.authority.generation, trust=certificates.authority.trust)
        props = {
            "cluster": cluster,
            "birth": dict(birth),
            "authority": trust.as_data(),
            "authority_life_days": certificates.authority_life_days,
            "pki": None,
            "generations": None,
            "expires": None,
        }
        secret = pulumi.ResourceOptions(additional_secret_outputs=["pki", "generations"])
        super().__init__(_PkiProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret))

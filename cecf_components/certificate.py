"""Makes one leaf certificate, and makes it anew before it expires.

A dynamic resource: made once and kept in the state, its key encrypted. Within the last days of its life, under
another authority or with another content, the next run makes another key and certificate in the same resource, so
nothing is replaced but what rests on its outputs. The state holds its provider by the class's full name, so the class
must not move.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult
from pulumi.runtime.rpc import contains_unknowns

from cecf.pki.keys import KeyPair
from cecf.pki.make import Leaf, expires, fingerprint, make_leaf

_LEAF = tuple(field.name for field in fields(Leaf))
"""The inputs that are written into the certificate."""

_GAIN = timedelta(days=1)
"""What a new certificate has to live longer than the old one: near its authority's end it would not, at every run."""


def now() -> datetime:
    """Return what time it is, in UTC."""
    return datetime.now(UTC)


class _CertificateProvider(ResourceProvider):
    """Makes a key and its certificate; reads nothing and deletes nothing, since they are in the state only."""

    serialize_as_secret_always = False

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuse a window in which it would be made anew at every run."""
        life, window = news["life_days"], news["renew_before_days"]
        if contains_unknowns([life, window]) or window < life:
            return CheckResult(inputs=news, failures=[])
        reason = f"renewed {window} days before its end, it lives {life} days: it would be made anew at every run"
        return CheckResult(inputs=news, failures=[CheckFailure(property_="renew_before_days", reason=reason)])

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(id_=props["common_name"], outs=_made(props))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=any(_reasons(olds, news)))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        # The engine updates for reasons of its own, too, such as another provider; that is none to renew.
        keep = {name: olds[name] for name in ("certificate", "key", "expires", "issuer")}
        return UpdateResult(outs=_made(news) if any(_reasons(olds, news)) else {**_content(news), **keep})


def _made(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the state holds of a new certificate; not the authority's key, which is in the inputs only."""
    authority = KeyPair(**props["authority"])
    leaf = Leaf(
        common_name=props["common_name"],
        organizations=tuple(props["organizations"]),
        dns_names=tuple(props["dns_names"]),
        addresses=tuple(props["addresses"]),
        usages=tuple(props["usages"]),
        life_days=int(props["life_days"]),  # the engine has numbers only
    )
    pair = make_leaf(authority, leaf, now())
    return {
        **_content(props),
        "certificate": pair.certificate,
        "key": pair.key,
        "expires": f"{expires(pair.certificate):%Y-%m-%dT%H:%M:%SZ}",
        "issuer": fingerprint(authority.certificate),
    }


def _content(props: Mapping[str, Any]) -> dict[str, Any]:
    return {name: props[name] for name in (*_LEAF, "renew_before_days")}


def _reasons(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterator[bool]:
    """Yield for each reason to make it anew whether it is there."""
    yield any(olds[name] != news[name] for name in _LEAF)
    authority = news["authority"]
    if contains_unknowns([authority, news["renew_before_days"]]):
        # Only in a preview in which the authority itself changes.
        yield True
        return
    # The first of a bundle: one that is trusted besides is no reason.
    yield olds["issuer"] != fingerprint(authority["certificate"])
    end, today = datetime.fromisoformat(olds["expires"]), now()
    longest = min(today + timedelta(days=news["life_days"]), expires(authority["certificate"]))
    yield today > end - timedelta(days=news["renew_before_days"]) and longest > end + _GAIN


class Certificate(Resource, module="cecf", name="Certificate"):
    """A leaf certificate with its key, renewed in place by the first run within the last days of its life."""

    certificate: pulumi.Output[str]
    """The certificate, PEM."""
    key: pulumi.Output[str]
    """Its private key, PEM; secret."""
    expires: pulumi.Output[str]
    """Until when it is valid: RFC 3339, UTC."""

    def __init__(
        self,
        name: str,
        authority: pulumi.Input[Mapping[str, str]],
        leaf: Leaf,
        renew_before_days: int,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Make it.

        `authority`: who signs it, a `KeyPair` as data.
        `leaf`: what is written into it.
        `renew_before_days`: days before its end from which on a run makes it anew.
        """
        props = {
            "authority": pulumi.Output.secret(authority),
            **{key: list(value) if isinstance(value, tuple) else value for key, value in asdict(leaf).items()},
            "renew_before_days": renew_before_days,
            "certificate": None,
            "key": None,
            "expires": None,
        }
        secret = pulumi.ResourceOptions(additional_secret_outputs=["key"])
        super().__init__(_CertificateProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret))

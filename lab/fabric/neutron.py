"""Reads Neutron's API: what belongs to the machines that are plugged in, and no more."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from . import routing
from .parse import Json, Raw

_TIMEOUT = 20
_UNAUTHORIZED = 401
_AT_ONCE = 100
"""Ids in one request's address."""

_PORT = (
    *("id", "network_id", "mac_address", "fixed_ips", "allowed_address_pairs", "security_groups"),
    *("port_security_enabled", "admin_state_up", "device_owner", "device_id"),
)


class NeutronError(RuntimeError):
    """Neutron did not answer; the message says what it did instead."""


class Neutron:
    """One cloud's networks, as its administrator sees them."""

    def __init__(self, clouds: Path, cloud: str = "admin") -> None:
        self._clouds = clouds
        self._cloud = cloud
        self._token = ""
        self._url = ""
        # The lab is on this machine: whatever proxy the environment names is not asked.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def snapshot(self, ports: Iterable[str]) -> Raw:
        """Return everything that has to do with these ports."""
        try:
            return self._snapshot(ports)
        except (AttributeError, KeyError, TypeError) as reason:
            raise NeutronError(f"its answer is none of Neutron's: {reason!r}") from None

    def _snapshot(self, ports: Iterable[str]) -> Raw:
        machines = self._list("ports", _PORT, id=ports)
        networks = {port["network_id"] for port in machines}
        inside = self._list("ports", _PORT, network_id=networks, device_owner=routing.INSIDE)
        ids = {port["device_id"] for port in inside}
        routers = self._list("routers", id=ids)
        cables = self._list("ports", _PORT, device_id=ids)
        networks |= {port["network_id"] for port in cables}
        groups = self._list("security-groups", id={group for port in machines for group in port["security_groups"]})
        rules = [rule for group in groups for rule in group["security_group_rules"]]
        remote = {rule.get("remote_group_id") for rule in rules} - {None}
        addresses = {rule.get("remote_address_group_id") for rule in rules} - {None}
        members = self._list("ports", _PORT, security_groups=remote)
        return {
            "ports": list({port["id"]: port for port in (*members, *cables, *machines)}.values()),
            "routers": routers,
            "floatingips": self._list("floatingips", router_id=ids),
            "networks": self._list("networks", id=networks),
            "subnets": self._list("subnets", network_id=networks),
            "security_groups": groups,
            "address_groups": self._list("address-groups", id=addresses),
        }

    def _list(self, collection: str, fields: Iterable[str] = (), **filters: Iterable[str]) -> list[Json]:
        """List what has one of the first filter's values, and one of each other's."""
        (first, values), *others = filters.items()
        ordered = sorted(values)
        found: list[Json] = []
        for start in range(0, len(ordered), _AT_ONCE):
            query = [(first, value) for value in ordered[start : start + _AT_ONCE]]
            query += [(name, value) for name, each in others for value in each]
            query += [("fields", field) for field in fields]
            answer = self._get(f"/v2.0/{collection}?{urllib.parse.urlencode(query)}")
            found += answer[collection.replace("-", "_")]
        return found

    def _get(self, path: str) -> Mapping[str, Any]:
        if not self._token:
            self._sign_in()
        try:
            return self._ask(self._url + path)
        except _UnauthorizedError:
            # The token has run out, or the lab has begun anew.
            self._sign_in()
            return self._ask(self._url + path)

    def _sign_in(self) -> None:
        try:
            cloud = yaml.safe_load(self._clouds.read_text())["clouds"][self._cloud]
            auth = cloud["auth"]
            user = {
                "name": auth["username"],
                "domain": {"name": auth["user_domain_name"]},
                "password": auth["password"],
            }
            project = {"name": auth["project_name"], "domain": {"name": auth["project_domain_name"]}}
            url = auth["auth_url"]
        except (OSError, KeyError, TypeError, yaml.YAMLError) as reason:
            raise NeutronError(f"{self._clouds} does not tell how to sign in to {self._cloud!r}: {reason!r}") from None
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": {"project": project}}}
        self._token = ""
        answer = self._ask(f"{url}/auth/tokens", body)
        self._url = next(
            (
                endpoint["url"].rstrip("/")
                for service in answer["token"]["catalog"]
                if service["type"] == "network"
                for endpoint in service["endpoints"]
                if endpoint["interface"] == "public" and endpoint["region"] == cloud.get("region_name")
            ),
            "",
        )
        if not self._url:
            self._token = ""
            raise NeutronError("Keystone's catalogue names no network service in the lab's region")

    def _ask(self, url: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self._token:
            headers["X-Auth-Token"] = self._token
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(url, data, headers)  # noqa: S310 (the catalogue's own address)
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                self._token = answer.headers.get("X-Subject-Token") or self._token
                told: Mapping[str, Any] = json.load(answer)
                return told
        except urllib.error.HTTPError as refusal:
            with refusal:
                if refusal.code == _UNAUTHORIZED and body is None:
                    raise _UnauthorizedError from None
                raise NeutronError(f"{url.partition('?')[0]} answers {refusal.code} {refusal.reason}") from None
        except (OSError, ValueError, http.client.HTTPException) as reason:
            raise NeutronError(f"{url.partition('?')[0]} does not answer: {reason}") from None


class _UnauthorizedError(NeutronError):
    pass

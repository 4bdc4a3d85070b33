"""The least of a client for the lab's own questions, so that its command needs no OpenStack library."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from lab.openstack.config.context import DOMAIN
from lab.openstack.secret import Secrets
from lab.openstack.site import Site

# No proxy of the caller's environment stands between this machine and itself.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_TIMEOUT = 5


def answers(url: str) -> bool:
    """Tell whether an API answers at all: a refusal is an answer, an error of its own is not."""
    try:
        _OPENER.open(url, timeout=_TIMEOUT).close()
    except urllib.error.HTTPError as error:
        return error.code < 500  # noqa: PLR2004
    except OSError:
        return False
    return True


class Admin:
    """Signed in as the cloud's administrator."""

    def __init__(self, site: Site, secrets: Secrets) -> None:
        self._site = site
        user = {"name": "admin", "password": secrets["admin"], "domain": {"name": DOMAIN}}
        project = {"name": "admin", "domain": {"name": DOMAIN}}
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": {"project": project}}}
        request = urllib.request.Request(  # noqa: S310 (our own http address)
            site.url("keystone", "/v3/auth/tokens"),
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with _OPENER.open(request, timeout=_TIMEOUT) as response:
            self._token = response.headers["X-Subject-Token"]
            self.project: str = json.load(response)["token"]["project"]["id"]

    def get(self, service: str, path: str) -> Any:
        """Ask one API for one document."""
        request = urllib.request.Request(  # noqa: S310 (our own http address)
            self._site.url(service, path), headers={"X-Auth-Token": self._token}
        )
        with _OPENER.open(request, timeout=_TIMEOUT) as response:
            return json.load(response)

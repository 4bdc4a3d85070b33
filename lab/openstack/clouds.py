"""The clouds.yaml that clients of the lab read."""

from __future__ import annotations

from collections.abc import Mapping

from lab.openstack.config.context import DOMAIN
from lab.openstack.secret import Secrets
from lab.openstack.seeds import credential_secret
from lab.openstack.site import REGION, Site


def render(site: Site, secrets: Secrets, credentials: Mapping[str, str]) -> str:
    """Render one cloud a project, with its application credential, and the administrator's."""
    admin = {
        "username": "admin",
        "password": secrets["admin"],
        "project_name": "admin",
        "user_domain_name": DOMAIN,
        "project_domain_name": DOMAIN,
    }
    text = "clouds:\n" + _cloud(site, "admin", "password", admin)
    for project, identity in credentials.items():
        credential = {
            "application_credential_id": identity,
            "application_credential_secret": secrets[credential_secret(project)],
        }
        text += _cloud(site, project, "v3applicationcredential", credential)
    return text


def _cloud(site: Site, name: str, kind: str, auth: Mapping[str, str]) -> str:
    fields = {"auth_url": site.url("keystone", "/v3"), **auth}
    # Quoted, as an identity of digits only would be read as a number.
    lines = "".join(f'      {key}: "{value}"\n' for key, value in fields.items())
    return (
        f"  {name}:\n    region_name: {REGION}\n    interface: public\n    identity_api_version: 3\n"
        f"    auth_type: {kind}\n    auth:\n{lines}"
    )

"""Who may speak to a cluster's API from outside, and with what: a certificate and a kubeconfig for each role."""

from typing import Any

import pulumi

from cecf.pki.keys import ADMIN, GROUPS, VIEWER, Api, KeyPair, client_kubeconfig, user_name
from cecf.pki.make import Leaf
from cecf.plan import ClusterPlan
from cecf_components.certificate import Certificate
from cecf_components.cluster_pki import ClusterPki


class Kubeconfigs:
    """The kubeconfigs of a cluster. Their certificates are made anew by a run; nothing is replaced by that."""

    admin: pulumi.Output[str]
    """The administrator's; secret."""
    viewer: pulumi.Output[str]
    """Of who may read everything but Secrets; secret."""
    expires: pulumi.Output[dict[str, str]]
    """Until when each role's certificate is valid: RFC 3339, UTC."""

    def __init__(
        self, plan: ClusterPlan, pki: ClusterPki, url: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> None:
        """Make the certificates of each role of a cluster whose API is at `url`."""
        self._plan, self._pki, self._url = plan, pki, url
        made = {role: self._certificate(role, opts) for role in GROUPS}
        self.admin = self._kubeconfig(ADMIN, made[ADMIN])
        self.viewer = self._kubeconfig(VIEWER, made[VIEWER])
        self.expires = pulumi.Output.all(**{role: certificate.expires for role, certificate in made.items()})

    def _certificate(self, role: str, opts: pulumi.ResourceOptions) -> Certificate:
        settings = self._plan.certificates
        leaf = Leaf(
            common_name=user_name(self._plan.name, role),
            organizations=(GROUPS[role],),
            usages=("client",),
            life_days=settings.life_days,
        )
        authority = self._pki.pki.apply(lambda pki: pki["kubernetes"])
        name = f"{self._plan.name}-{role}-certificate"
        return Certificate(name, authority, leaf, settings.renew_before_days, opts)

    def _kubeconfig(self, role: str, made: Certificate) -> pulumi.Output[str]:
        plan = self._plan

        def text(known: list[Any]) -> str:
            pki, url, certificate, key = known
            api = Api(
                cluster=plan.name,
                url=url,
                server_name=str(plan.endpoint.address),
                authorities=pki["kubernetes"]["certificate"],
            )
            return client_kubeconfig(api, role, KeyPair(certificate=certificate, key=key))

        return pulumi.Output.all(self._pki.pki, self._url, made.certificate, made.key).apply(text)

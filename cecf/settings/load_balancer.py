"""Octavia's load balancer in front of the API servers."""

from collections.abc import Iterable
from typing import Literal

from cecf.problems import Problem, config_remove, config_set
from cecf.settings.base import Model
from cecf.settings.types import Name

OVN = "ovn"
"""The provider that balances in the network itself. It knows less than those that have machines of their own."""

Algorithm = Literal["LEAST_CONNECTIONS", "ROUND_ROBIN", "SOURCE_IP", "SOURCE_IP_PORT"]
"""How an API server is chosen for a new connection, in Octavia's words."""

Probe = Literal["HTTPS", "TCP"]
"""How an API server is asked whether it is well, in Octavia's words."""

_PATH = "cluster.control_plane.endpoint.load_balancer"

_MISSING_IN_OVN = {
    "flavor": "has no flavors",
    "availability_zone": "has no availability zones",
    "algorithm": "balances by SOURCE_IP_PORT only",
    "health_monitor": "opens TCP connections only",
}
"""What the provider `ovn` cannot be told, by setting."""


class LoadBalancerSettings(Model):
    """What Octavia is asked for."""

    provider: Name = "amphora"
    """Octavia's driver: `amphora` (servers with haproxy), `ovn` (in the network itself), or what else the cloud has."""
    flavor: Name | None = None
    """Octavia's flavor, which decides among others whether there is a standby amphora; empty: the cloud's default."""
    availability_zone: Name | None = None
    """Octavia's own availability zone (not Nova's); empty: the cloud's default."""
    algorithm: Algorithm | None = None
    """How an API server is chosen for a new connection; empty: `LEAST_CONNECTIONS`, with `ovn` `SOURCE_IP_PORT`."""
    health_monitor: Probe | None = None
    """`HTTPS`: `/readyz` must say 200. `TCP`: the port must be open. Empty: `HTTPS`, with `ovn` `TCP`."""

    @property
    def chosen_algorithm(self) -> Algorithm:
        """The algorithm, with the provider's default."""
        return self.algorithm or ("SOURCE_IP_PORT" if self.provider == OVN else "LEAST_CONNECTIONS")

    @property
    def chosen_probe(self) -> Probe:
        """The kind of health monitor, with the provider's default."""
        return self.health_monitor or ("TCP" if self.provider == OVN else "HTTPS")

    def problems(self) -> Iterable[Problem]:
        """Refuse what a provider is known not to do: Octavia would say so in the middle of a run."""
        if self.provider == OVN:
            allowed = {"algorithm": "SOURCE_IP_PORT", "health_monitor": "TCP"}
            for name, why in _MISSING_IN_OVN.items():
                value = getattr(self, name)
                if value not in (None, allowed.get(name)):
                    yield Problem(
                        path=name,
                        what=f"'{value}' is not possible with the provider '{OVN}'",
                        why=f"it {why}",
                        mend=config_remove(f"{_PATH}.{name}"),
                        rests_on=("provider",),
                    )
        elif self.algorithm == "SOURCE_IP_PORT":
            yield Problem(
                path="algorithm",
                what=f"'SOURCE_IP_PORT' is not possible with the provider '{self.provider}'",
                why=f"'{OVN}' alone balances so",
                mend=config_set(f"{_PATH}.algorithm", "LEAST_CONNECTIONS"),
                rests_on=("provider",),
            )

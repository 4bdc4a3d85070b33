"""How long certificates are valid, when they are made anew, and which authority signs them."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from cecf.problems import Problem, config_set
from cecf.settings.base import Model, repeated

_PATH = "cluster.certificates"

Generation = Annotated[int, Field(ge=1, le=1000)]
"""Which of the cluster's authorities, in the order in which they are made."""


class AuthoritySettings(Model):
    """Which generation of the cluster's authorities signs, and which are trusted.

    A rotation takes three runs: trust both, sign by the new one, trust the new one alone.
    """

    generation: Generation = 1
    """The generation that signs; a change replaces every control plane."""
    trust: Annotated[tuple[Generation, ...], Field(min_length=1)] = (1,)
    """The generations that are trusted, the signing one among them; a change replaces every node."""

    def problems(self) -> Iterable[Problem]:
        """Refuse an authority that signs and is not trusted."""
        yield from repeated("trust", self.trust, "a generation is trusted or not", f"{_PATH}.authority")
        if self.generation not in self.trust:
            yield Problem(
                path="generation",
                what=f"generation {self.generation} is to sign and is not trusted",
                why="nobody would believe what it signs",
                mend=f"write 'cecf:{_PATH}.authority.trust' as {[*self.trust, self.generation]}",
                rests_on=("trust",),
            )


class CertificateSettings(Model):
    """The cluster's certificates."""

    life_days: Annotated[int, Field(ge=2, le=3650)] = 365
    """Days that a leaf certificate is valid; a change replaces the control planes' servers."""
    renew_before_days: Annotated[int, Field(ge=1, le=3649)] = 90
    """Days before its end from which on a leaf certificate is made anew: those of people by the next run, those on
    control planes by a timer there; a change replaces the control planes' servers."""
    authority_life_days: Annotated[int, Field(ge=30, le=36500)] = 3650
    """Days that a new generation of the authorities is valid; those that are there keep theirs."""
    authority: AuthoritySettings = AuthoritySettings()
    """Which authorities sign and are trusted."""

    def problems(self) -> Iterable[Problem]:
        """Refuse a window in which everything is made anew all the time, and leaves that outlive their authority."""
        if self.renew_before_days >= self.life_days:
            yield Problem(
                path="renew_before_days",
                what=f"{self.renew_before_days} days before the end of a life of {self.life_days} days",
                why="each run would make every certificate anew",
                mend=config_set(f"{_PATH}.renew_before_days", max(1, self.life_days // 4)),
                rests_on=("life_days",),
            )
        if self.authority_life_days < self.life_days:
            yield Problem(
                path="authority_life_days",
                what=f"{self.authority_life_days} days, and what they sign {self.life_days}",
                why="nothing is valid longer than what signed it",
                mend=config_set(f"{_PATH}.authority_life_days", 10 * self.life_days),
                rests_on=("life_days",),
            )

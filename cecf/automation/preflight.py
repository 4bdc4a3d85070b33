"""What a stack takes of its cloud before a run begins: quotas, and what it costs. Nothing is changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from keystoneauth1.exceptions import ClientException
from openstack.exceptions import SDKException
from pydantic import ValidationError

from cecf.automation.stack_file import load
from cecf.cloud import connect, look_up
from cecf.cloud.room import Need, holdings, needs
from cecf.plan import demand, names, plan_cluster
from cecf.plan.cost import Cost, Prices, monthly
from cecf.problems import CloudUnavailableError, InvalidInputError, Problem

PRICES = "prices.yaml"
"""The file of prices in the project's folder, if there is one."""


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """What a run would take."""

    project: str
    """The cloud project's id."""
    needs: tuple[Need, ...]
    """Empty where nothing is to come."""
    cost: tuple[Cost, Cost] | None
    """Of what is there, and of what the settings want; none where no prices are known."""

    def notes(self) -> Iterator[str]:
        """Yield what is worth a word beside the changes."""
        if self.needs:
            amounts = {need.quota: need.amount for need in self.needs}
            yield "takes " + ", ".join(f"{amounts[quota]} {noun}" for quota, noun in _SHOWN.items() if quota in amounts)
        for need in self.needs:
            room = need.room
            if room and not need.each and room.used + need.amount > _TIGHT * room.limit > 0:
                after = room.used + need.amount
                yield f"quota {need.quota}: {room.used} used, {after} then, {room.limit} allowed"
        if self.cost:
            now, then = self.cost
            yield f"cost per month: {now} now, {then} then ({then.amount - now.amount:+.2f})"
            if then.unpriced:
                yield f"without a price in {PRICES}: {', '.join(then.unpriced)}"


_SHOWN = {
    "instances": "servers",
    "cores": "cores",
    "ram": "MiB of memory",
    "gigabytes": "GiB of volumes",
    "port": "ports",
    "floatingip": "floating IPs",
    "load_balancer": "load balancers",
}
"""Quotas that people think of first."""

_TIGHT = 0.8
"""Part of a quota from which on a run that takes of it says so."""


def preflight(name: str, project_dir: Path) -> Preflight:
    """Look at a stack's settings, its cloud and its project.

    Raises `InvalidInputError` where the settings are wrong or the cloud has not what they name, `CloudUnavailableError`
    where it does not answer. Quotas that are too small are told, not raised.
    """
    settings = load(name, project_dir).settings
    prices = _prices(project_dir / PRICES)
    connection, owner = connect(settings.cloud), names.owner_tag(name)
    plan = plan_cluster(settings.cluster, look_up(connection, settings, owner))
    try:
        there = tuple(holdings(connection, owner))
        found = needs(connection, plan, there)
    except (SDKException, ClientException) as error:
        raise CloudUnavailableError(settings.cloud, error) from None
    cost = (monthly(there, prices), monthly(demand.items(plan), prices)) if prices else None
    return Preflight(project=str(connection.current_project_id), needs=found, cost=cost)


def _prices(file: Path) -> Prices | None:
    if not file.exists():
        return None
    try:
        return Prices.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError) as error:
        why = _first(error) if isinstance(error, ValidationError) else str(error)
        mend = "docs/operations/preflight.md shows one"
        raise InvalidInputError([Problem(path="", what=f"{file.name} holds no prices", why=why, mend=mend)]) from None


def _first(error: ValidationError) -> str:
    details = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, details['loc']))}: {details['msg']}"

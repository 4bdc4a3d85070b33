"""What a cluster costs in a month."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from cecf.plan.cost import Prices, monthly
from cecf.plan.demand import Item, items, server, volume
from tests.helpers import clusters

PRICES = Prices(
    currency="EUR",
    flavors={"m1.large": Decimal("80.10")},
    volume_types={"ssd": Decimal("0.10")},
    floating_ip=Decimal("3.50"),
    load_balancer=Decimal(20),
)


def test_servers_volumes_addresses_and_load_balancers_have_prices() -> None:
    there = [
        server("a", "m1.large", 4, 8192),
        server("b", "m1.large", 4, 8192),
        volume("v", "ssd", 15),
        Item(noun="floating IP", name=""),
        Item(noun="load balancer", name="api"),
        Item(noun="port", name="a"),
    ]
    cost = monthly(there, PRICES)
    assert (str(cost), cost.unpriced) == ("185.20 EUR", ())


def test_what_has_no_price_is_named_and_not_taken_for_free() -> None:
    cost = monthly([server("a", "r9.huge", 4, 8192), volume("v", "", 15)], PRICES)
    assert (cost.amount, cost.unpriced) == (Decimal(0), ("flavor r9.huge", "volume type (the default)"))


def test_finance_costs_what_its_servers_and_volumes_do() -> None:
    assert str(monthly(items(clusters.plan("finance")), PRICES)) == "246.30 EUR"


def test_a_price_below_nothing_is_none() -> None:
    with pytest.raises(ValidationError):
        Prices(currency="EUR", floating_ip=Decimal(-1))

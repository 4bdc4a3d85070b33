"""What a cluster costs in a month, by the prices that a person has written down."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from cecf.plan.demand import Item
from cecf.settings.base import Model

Price = Annotated[Decimal, Field(ge=0)]


class Prices(Model):
    """Prices of a cloud for a month."""

    currency: str
    """As it is to be shown: EUR."""
    flavors: dict[str, Price] = Field(default_factory=dict)
    """Of a server, by the name of its flavor."""
    volume_types: dict[str, Price] = Field(default_factory=dict)
    """Of a GiB, by the name of the volume's type."""
    floating_ip: Price = Decimal(0)
    """Of a floating IP."""
    load_balancer: Price = Decimal(0)
    """Of a load balancer."""
    router: Price = Decimal(0)
    """Of a router."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What objects cost in a month."""

    amount: Decimal
    currency: str
    unpriced: tuple[str, ...]
    """Flavors and volume types without a price, which are not in the amount."""

    def __str__(self) -> str:
        return f"{self.amount:.2f} {self.currency}"


def monthly(items: Iterable[Item], prices: Prices) -> Cost:
    """Return what objects cost in a month."""
    found = [part for item in items for part in _parts(item, prices)]
    return Cost(
        amount=sum((price for _, price in found if price is not None), Decimal(0)),
        currency=prices.currency,
        unpriced=tuple(sorted({name for name, price in found if price is None})),
    )


def _parts(item: Item, prices: Prices) -> Iterator[tuple[str, Decimal | None]]:
    """Yield what of an object has a price of its own, and that price, none where it is not known."""
    match item.noun:
        case "server":
            yield f"flavor {item.sort}", prices.flavors.get(item.sort)
        case "volume":
            price = prices.volume_types.get(item.sort)
            size = item.takes["gigabytes"]
            yield f"volume type {item.sort or '(the default)'}", None if price is None else price * size
        case "floating IP":
            yield item.noun, prices.floating_ip
        case "load balancer":
            yield item.noun, prices.load_balancer
        case "router":
            yield item.noun, prices.router

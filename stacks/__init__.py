"""One composition for each business: its profile of settings, and the components that it is built from."""

from collections.abc import Mapping

from stacks import bigdata, dev, finance, smartcity
from stacks.common import Business

BUSINESSES: Mapping[str, Business] = {
    "bigdata": bigdata.BUSINESS,
    "dev": dev.BUSINESS,
    "finance": finance.BUSINESS,
    "smartcity": smartcity.BUSINESS,
}
"""By the value of `cecf:business`."""

__all__ = ["BUSINESSES", "Business"]

"""Go's durations and Kubernetes' quantities, as the components write and read them."""

import re
from decimal import Decimal

_SECONDS = {
    "ns": Decimal("1e-9"),
    "us": Decimal("1e-6"),
    "µs": Decimal("1e-6"),
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
}
_PART = r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)"
_DURATION = re.compile(rf"(?:{_PART})+")

_FACTORS = {
    "m": Decimal("0.001"),
    "": Decimal(1),
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate(("k", "M", "G", "T", "P"), start=1)},
    **{suffix: Decimal(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi"), start=1)},
}
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?")


def seconds(text: str) -> Decimal:
    """Return the seconds of a duration in Go's form: `10s`, `1h30m`. Raises ValueError for anything else."""
    if text == "0":
        return Decimal(0)
    if not _DURATION.fullmatch(text):
        raise ValueError(f"'{text}' is no duration such as 10s, 1m30s or 500ms")
    return sum((Decimal(number) * _SECONDS[unit] for number, unit in re.findall(_PART, text)), Decimal(0))


def amount(text: str) -> Decimal:
    """Return what a quantity in Kubernetes' form comes to: `250m`, `2`, `100Mi`. Raises ValueError for others."""
    match = _QUANTITY.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is no quantity such as 250m, 2, 100Mi or 1Gi")
    return Decimal(match[1]) * _FACTORS[match[2] or ""]


def percent(text: str) -> Decimal:
    """Return the number in `10%`. Raises ValueError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%", text)
    if not match:
        raise ValueError(f"'{text}' is no percentage such as 10%")
    return Decimal(match[1])

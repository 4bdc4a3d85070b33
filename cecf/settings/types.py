"""The vocabulary of settings: constrained types that several models share."""

import re
from ipaddress import AddressValueError, IPv4Address
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

DNS_LABEL_LENGTH = 24
"""Characters. Two labels, a role and an ordinal make a host name, which may have 63."""

_DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def _dns_label(value: str) -> str:
    if len(value) <= DNS_LABEL_LENGTH and _DNS_LABEL.fullmatch(value):
        return value
    raise PydanticCustomError(
        "dns_label",
        "'{value}' is no DNS label: 1 to {length} of a-z, 0-9 and '-', a letter first, no '-' last; "
        "it becomes part of host names",
        {"value": value, "length": DNS_LABEL_LENGTH},
    )


def _quorum_size(value: int) -> int:
    if value in (1, 3, 5):
        return value
    if value in (2, 4):
        why = f"{value} survive the loss of {(value - 1) // 2}, no more than {value - 1} do, and each more can fail"
    else:
        why = "more than 5 slow every write down" if value > 0 else "without a member nothing is stored"
    mend = min(5, value + 1) if value > 0 else 1
    raise PydanticCustomError(
        "quorum_size", "{value} is none of 1, 3, 5; {why}", {"value": value, "why": why, "mend": mend}
    )


_HOST_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


def _host(value: str) -> str:
    try:
        address = IPv4Address(value)
    except AddressValueError:
        # The last label begins with a letter, so that a misspelt address is no name.
        if _HOST_NAME.fullmatch(value) and value != "localhost":
            return value
    else:
        if not (address.is_loopback or address.is_unspecified or address.is_multicast):
            return value
    raise PydanticCustomError("host", "should be an IPv4 address or a DNS name in lower case that other machines know")


DnsLabel = Annotated[str, AfterValidator(_dns_label)]
"""A lower-case DNS label, short enough to be part of a host name."""

QuorumSize = Annotated[int, AfterValidator(_quorum_size)]
"""1, 3 or 5: the sizes of a quorum that gain something over the next smaller one."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
"""The name of something that OpenStack has: a flavor, an image, a zone, a network."""

Host = Annotated[str, AfterValidator(_host)]
"""An IPv4 address or a DNS name in lower case, as other machines know it."""

Port = Annotated[int, Field(ge=1, le=65535)]
"""A TCP port."""

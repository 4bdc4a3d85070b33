"""Finance: the trading system and the back ends of the mobile apps."""

from stacks.common import Build, one_cluster

build: Build = one_cluster

"""Smart city: the city's platform."""

from stacks.common import Build, one_cluster

build: Build = one_cluster

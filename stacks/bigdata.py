"""Big data: compute and storage for analysis."""

from stacks.common import Build, one_cluster

build: Build = one_cluster

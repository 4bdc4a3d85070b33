"""A small copy of finance's shape for the lab."""

from stacks.common import Build, one_cluster

build: Build = one_cluster

"""The lab: a real OpenStack on loopback, for the dev stack, the tests and the benchmarks."""

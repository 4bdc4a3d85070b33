"""A package to pytest: so the booted cluster, a fixture of the package, goes with the last of its tests."""

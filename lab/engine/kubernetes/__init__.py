"""A stand-in for Pulumi's Kubernetes plugin, for use where the official one cannot be had.

It serves the resource tokens of `pulumi_kubernetes` over the provider protocol and speaks to the API server with the
standard library alone. Nothing here may import the rest of CECF: `lab.engine.stand_in` copies this package, and the few
modules of others that it imports, into the engine's folder of plugins, where it outlives the checkout.
"""

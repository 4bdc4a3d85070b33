"""Tables of every field and flag that the components of a Kubernetes release know, made from the components' code."""

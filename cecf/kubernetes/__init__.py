"""A cluster's Kubernetes API, as far as the program itself needs it: is it ready, may a node join, is the node well."""

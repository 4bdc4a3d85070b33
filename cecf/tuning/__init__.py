"""How the components are tuned: the catalogue of settings, profiles, and values worked out for each node."""

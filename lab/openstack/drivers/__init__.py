"""Stand-ins for hypervisor, agents and storage, imported by the services as `labdrivers`.

Nothing here may import the rest of the lab: the running cloud has only a copy of this folder.
"""

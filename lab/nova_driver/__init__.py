"""Machines behind Nova's servers: system containers with a disk, a console, network interfaces and volumes.

Everything here runs inside OpenStack's environment and in the lab's command alike: standard library only.
"""

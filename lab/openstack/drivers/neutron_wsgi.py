"""Neutron's API with its policy rules loaded before the first request.

Neutron loads them in the first request's thread, without a lock: requests that come in the
meantime find no rules and are answered 403.
"""
# mypy: ignore-errors
# Neutron is not installed where this project is type-checked.

from neutron import policy
from neutron.wsgi.api import application

__all__ = ["application"]

policy.init()

"""Neutron's API with its policy rules loaded before the first request, and with a sign of each change.

Neutron loads the rules in the first request's thread, without a lock: requests that come in the meantime find
no rules and are answered 403.
"""
# mypy: ignore-errors
# Neutron is not installed where this project is type-checked.

import os
from pathlib import Path

from neutron import policy
from neutron.wsgi.api import application as neutron

_NOTICE = Path(os.environ["LAB_NOTICE"])
_READING = ("GET", "HEAD", "OPTIONS")

policy.init()


def application(environ, start_response):
    """Answer as Neutron, and touch a file after what may have been a change: the fabric watches it."""
    answer = neutron(environ, start_response)
    if environ["REQUEST_METHOD"] not in _READING:
        _NOTICE.touch()
    return answer

"""Barbican's API without the /etc/barbican that is built into `barbican.wsgi.api`."""
# mypy: ignore-errors
# Barbican is not installed where this project is type-checked.

import os

from paste import deploy

application = deploy.loadapp("config:" + os.environ["LAB_BARBICAN_PASTE"])

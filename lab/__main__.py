"""Entry point of `python -m lab`."""

import sys

try:
    import psutil  # noqa: F401 (the only thing that is needed besides Python itself)
except ModuleNotFoundError:
    sys.exit("lab: psutil is missing: `pip install psutil`, or use the project's virtual environment")

from lab.openstack.cli import main

sys.exit(main())

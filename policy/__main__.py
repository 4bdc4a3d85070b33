"""The policy pack as the engine starts it: serves the rules until the engine goes."""

import sys
from pathlib import Path

# The engine runs this folder by its path, so nobody has told Python which package it is.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from policy.pack import serve

serve()

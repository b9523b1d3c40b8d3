"""Tests that run on a bench, and what they share with those that need none."""

import sys
from pathlib import Path

# The sandbox stands beside the app, and no installation puts it on the path.
CHECKOUT = str(Path(__file__).resolve().parents[2])
if CHECKOUT not in sys.path:
	sys.path.append(CHECKOUT)

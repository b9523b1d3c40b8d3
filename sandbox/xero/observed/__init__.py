"""What was observed about the real Xero: results of sandbox.conformance, and how the sandbox reads one."""

from __future__ import annotations

import json
from pathlib import Path

from ..switches import check


def read_switches(path: Path) -> dict[str, str]:
	"""The switches of a result. Raises ValueError if the file is not a result, or names unknown switches."""
	result = json.loads(path.read_text())
	switches = result.get("switches") if isinstance(result, dict) else None
	if not isinstance(switches, dict):
		raise ValueError(f"{path} is not a result of sandbox.conformance: it has no switches")
	for name, value in switches.items():
		check(name, value)
	return switches

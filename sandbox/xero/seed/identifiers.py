"""Derives every id of the seed from a name, so that it is the same everywhere and after every reset."""

from __future__ import annotations

import uuid

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "xero.sandbox.nexwave")


def fixed_id(*names: str) -> str:
	return str(uuid.uuid5(NAMESPACE, "/".join(names)))

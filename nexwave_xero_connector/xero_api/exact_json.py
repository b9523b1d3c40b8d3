"""JSON with amounts exactly as they were computed.

The SDK turns a Decimal into a float before it encodes it: 10.10 becomes 10.1, 0.00005 becomes 5e-05. The standard
library cannot encode a Decimal at all. So bodies are encoded here and passed to the SDK as text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal


def exact_json(value: object) -> str:
	"""The JSON text of a body of mappings, sequences, text, integers, Decimals, dates, booleans and None.

	A Decimal keeps its digits, without an exponent; a date becomes YYYY-MM-DD. Raises TypeError for a float, which must
	not hold an amount, and ValueError for a Decimal that is not a finite number.
	"""
	if isinstance(value, Mapping):
		return (
			"{" + ",".join(f"{json.dumps(str(key))}:{exact_json(item)}" for key, item in value.items()) + "}"
		)
	if isinstance(value, (list, tuple)):
		return "[" + ",".join(exact_json(item) for item in value) + "]"
	if isinstance(value, Decimal):
		if not value.is_finite():
			raise ValueError(f"{value} cannot be sent as an amount")
		return format(value, "f")
	if isinstance(value, date) and not isinstance(value, datetime):
		return json.dumps(value.isoformat())
	if value is None or isinstance(value, (str, bool, int)):
		return json.dumps(value)
	raise TypeError(f"{type(value).__name__} cannot be sent to Xero")

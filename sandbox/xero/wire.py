"""How Xero writes JSON: numbers with their decimals, dates as /Date(ms)/, everything in an envelope."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import simplejson

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
ZERO_GUID = "00000000-0000-0000-0000-000000000000"
PROVIDER = "NexWave Connector"

_MS_DATE = re.compile(r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$")
_ISO_DATE = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?$")


@dataclass
class Answer:
	"""The response to the client, before rate limit headers are added."""

	status: int = 200
	body: bytes = b""
	content_type: str = JSON
	headers: dict[str, str] = field(default_factory=dict)


def dumps(value: Any) -> str:
	return simplejson.dumps(value, use_decimal=True, separators=(",", ":"), ensure_ascii=False)


def loads(text: str | bytes) -> Any:
	"""Parses JSON with every fraction as a Decimal; NaN and Infinity are refused."""
	return simplejson.loads(text, use_decimal=True, allow_nan=False)


def json_answer(value: Any, status: int = 200) -> Answer:
	return Answer(status, dumps(value).encode())


def envelope(now: int, **content: Any) -> Answer:
	"""The success envelope around every Accounting API response (observed on the wire)."""
	return json_answer(
		{
			"Id": str(uuid.uuid4()),
			"Status": "OK",
			"ProviderName": PROVIDER,
			"DateTimeUTC": f"/Date({now})/",
			**content,
		}
	)


def ms_date(iso_date: str) -> str:
	"""A document's date: UTC midnight of that day, as observed on the wire."""
	day = date.fromisoformat(iso_date)
	midnight = datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
	return f"/Date({int(midnight.timestamp()) * 1000}+0000)/"


def ms_instant(milliseconds: int) -> str:
	return f"/Date({milliseconds}+0000)/"


def instant_string(milliseconds: int) -> str:
	return datetime.fromtimestamp(milliseconds // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


def read_date(value: str) -> str:
	"""The ISO date from any of the three forms that Xero accepts; ValueError if it is none of them."""
	if match := _MS_DATE.match(value):
		return datetime.fromtimestamp(int(match[1]) / 1000, timezone.utc).date().isoformat()
	if match := _ISO_DATE.match(value):
		return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
	raise ValueError(value)


def is_guid(text: str) -> bool:
	try:
		return str(uuid.UUID(text)) == text.strip("{}").lower()
	except ValueError:
		return False


def trimmed(value: Decimal) -> Decimal:
	"""Without trailing zeros, but never in exponent form; for quantities and rates."""
	normal = value.normalize()
	return normal.quantize(Decimal("0.1")) if normal == normal.to_integral_value() else normal

"""Xero's response, as bytes and as the values that the connector reads from it.

Responses are read from the raw JSON, not through the SDK's models. The models raise for an unknown enum value, for
`"LineItems": null` and for a deleted allocation without its invoice: each time after Xero has already saved the write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal

from nexwave_xero_connector.sync.records import ValidationErrors

NO_ID = "00000000-0000-0000-0000-000000000000"
"""The id that Xero gives an element that it did not create."""

MS_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")


@dataclass(frozen=True, slots=True)
class Response:
	"""One HTTP response. Names in `headers` are case-insensitive."""

	method: str
	path: str
	status: int
	headers: Mapping[str, str]
	body: bytes

	@property
	def to_a_write(self) -> bool:
		return self.method != "GET"

	def json(self) -> object:
		"""The body with exact numbers. Raises ValueError if it is not JSON."""
		return json.loads(self.body.decode("utf-8"), parse_float=Decimal)

	def elements(self, collection: str, count: int | None = None) -> list[dict]:
		"""The envelope's elements. Raises ValueError if they are missing, or not as many as were sent."""
		envelope = self.json()
		elements = envelope.get(collection) if isinstance(envelope, dict) else None
		if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
			raise ValueError(f"no {collection} in the response")
		if count is not None and len(elements) != count:
			raise ValueError(f"{count} {collection} sent, {len(elements)} returned")
		return elements

	def page_count(self) -> int:
		"""How many pages the list has; 0 if Xero does not say."""
		return self._pagination("pageCount")

	def item_count(self) -> int:
		"""How many elements the list has on all its pages; 0 if Xero does not say."""
		return self._pagination("itemCount")

	def _pagination(self, field: str) -> int:
		envelope = self.json()
		pagination = envelope.get("pagination") if isinstance(envelope, dict) else None
		return int(pagination.get(field) or 0) if isinstance(pagination, dict) else 0


def validation_errors_of(element: Mapping[str, object], id_field: str = "") -> ValidationErrors | None:
	"""Xero's validation errors for this element, or None if it was saved.

	Decided by HasErrors, StatusAttributeString, validation errors anywhere inside it and a missing id. Never by Status:
	a refused void echoes the requested status.
	"""
	messages = tuple(dict.fromkeys(validation_messages(element)))
	has_no_id = bool(id_field) and str(element.get(id_field) or NO_ID) == NO_ID
	says_error = str(element.get("StatusAttributeString") or "").upper() == "ERROR"
	if messages or has_no_id or says_error or element.get("HasErrors"):
		return ValidationErrors(messages or ("Xero refused this without giving a reason.",))
	return None


def element_of_each(
	bodies: Sequence[Mapping[str, object]], elements: Sequence[dict], fields: Sequence[str]
) -> list[dict | None]:
	"""The element of the response that belongs to each body; None if the response does not show which one it is.

	Xero does not guarantee the order of a batch's response (XeroAPI/Xero-NetStandard#532, #586), so elements are
	matched by identifying `fields`, the most reliable one first. A rejected element may have none of them, but a single
	element still belongs to a single body. Raises ValueError if the last field of an element matches no body.
	"""
	left = dict(enumerate(elements))
	found: list[dict | None] = [None] * len(bodies)
	for field in fields:
		wanted = _only_once({i: _identity(body, field) for i, body in enumerate(bodies) if found[i] is None})
		offered = _only_once({i: _identity(element, field) for i, element in left.items()})
		for value in wanted.keys() & offered.keys():
			found[wanted[value]] = left.pop(offered[value])
	sent = {_identity(body, fields[-1]) for body in bodies}
	if foreign := {_identity(element, fields[-1]) for element in elements} - sent - {""}:
		raise ValueError(f"{fields[-1]} {', '.join(sorted(foreign))} returned, but not sent")
	if len(bodies) == len(left) == 1:
		return list(left.values())
	return found


def _identity(fields: Mapping[str, object], field: str) -> str:
	value = text(fields.get(field)).strip().casefold()
	return "" if value == NO_ID else value


def _only_once(values: Mapping[int, str]) -> dict[str, int]:
	"""The index of each value that occurs once: a value that two share identifies neither."""
	places: dict[str, list[int]] = {}
	for place, value in values.items():
		places.setdefault(value, []).append(place)
	return {value: found[0] for value, found in places.items() if value and len(found) == 1}


def validation_messages(value: object) -> Iterator[str]:
	"""Every ValidationErrors message in the element, its contact, its lines and anything else nested in it."""
	if isinstance(value, list):
		for item in value:
			yield from validation_messages(item)
	elif isinstance(value, dict):
		for key, item in value.items():
			if key == "ValidationErrors" and isinstance(item, list):
				yield from (str(error.get("Message") or "") for error in item if isinstance(error, dict))
			else:
				yield from validation_messages(item)


def money(value: object) -> Decimal:
	"""An amount; zero if it is missing. Raises TypeError for anything but a JSON number."""
	if value is None:
		return Decimal(0)
	if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
		raise TypeError(f"{value!r} is not an amount")
	return Decimal(value)


def text(value: object) -> str:
	return "" if value is None else str(value)


def day(element: Mapping[str, object], field: str) -> date | None:
	"""A document's date. Xero sends it twice: `DateString` in ISO form, and `Date` as milliseconds at UTC midnight."""
	iso = element.get(f"{field}String")
	if iso:
		return date.fromisoformat(str(iso)[:10])
	value = element.get(field)
	if not value:
		return None
	milliseconds = MS_DATE.fullmatch(str(value))
	if milliseconds:
		return datetime.fromtimestamp(int(milliseconds.group(1)) / 1000, tz=timezone.utc).date()
	return date.fromisoformat(str(value)[:10])

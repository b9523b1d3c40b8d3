"""Reads request bodies as Xero's deserialiser does.

A value of the wrong type refuses the whole request (error 14), as documented by Xero. A value of the right type that
the ledger does not accept is left to the rules. JSON null counts as not sent.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from ..problems import no_data, post_data_invalid, unknown_error
from ..wire import is_guid, loads, read_date


def read_elements(body: bytes, wrapper: str, noun: str) -> list[dict[str, Any]]:
	"""The elements of a write: a wrapped list, or one bare object."""
	if not body.strip():
		raise no_data(noun)
	try:
		data = loads(body)
	except (ValueError, InvalidOperation, UnicodeDecodeError) as error:
		raise post_data_invalid(f"JSON for post data was invalid,{error}") from None
	if isinstance(data, dict):
		for key, value in data.items():
			if key.lower() == wrapper.lower():
				data = value if isinstance(value, list) else [value]
				break
		else:
			data = [data] if data else []
	if not isinstance(data, list) or not data:
		raise no_data(noun)
	if not all(isinstance(element, dict) for element in data):
		raise post_data_invalid(f"JSON request body could not be converted to type '{noun}'.")
	return data


class Element:
	"""One JSON object of a request, with typed access by Xero's field names."""

	def __init__(self, raw: dict[str, Any], path: str = "") -> None:
		self.raw = raw
		self._path = path
		self._values = {key.lower(): value for key, value in raw.items()}

	def has(self, name: str) -> bool:
		return self._values.get(name.lower()) is not None

	def text(self, name: str) -> str | None:
		value = self._values.get(name.lower())
		if value is None or isinstance(value, str):
			return value
		if isinstance(value, dict | list):
			raise self._conversion(name, value, "System.String")
		return str(value)

	def number(self, name: str) -> Decimal | None:
		value = self._values.get(name.lower())
		if value is None or value == "":
			return None
		if not isinstance(value, bool | dict | list):
			try:
				number = Decimal(value)
				if number.is_finite():
					return number
			except InvalidOperation:
				pass
		raise self._conversion(name, value, "System.Nullable`1[System.Decimal]")

	def boolean(self, name: str) -> bool | None:
		value = self._values.get(name.lower())
		if isinstance(value, str) and value.lower() in ("true", "false"):
			return value.lower() == "true"
		if value is None or isinstance(value, bool):
			return value
		raise self._conversion(name, value, "System.Boolean")

	def guid(self, name: str) -> str | None:
		value = self._values.get(name.lower())
		if value is None or value == "":
			return None
		if isinstance(value, str) and is_guid(value):
			return value.strip("{}").lower()
		raise self._conversion(name, value, "System.Guid")

	def date(self, name: str) -> str | None:
		value = self._values.get(name.lower())
		if value is None or value == "":
			return None
		try:
			return read_date(value)
		except (TypeError, ValueError, OverflowError):
			raise self._conversion(name, value, "System.DateTime") from None

	def choice(self, name: str, choices: tuple[str, ...], type_name: str) -> str | None:
		value = self._values.get(name.lower())
		if value is None or value in choices:
			return value
		raise self._conversion(name, value, f"Xero.API.Library.Types.{type_name}")

	def object(self, name: str) -> Element | None:
		value = self._values.get(name.lower())
		if value is None:
			return None
		if not isinstance(value, dict):
			raise self._conversion(name, value, f"Xero.API.Library.Types.{name}")
		return Element(value, f"{self._path}{name}.")

	def objects(self, name: str) -> list[Element] | None:
		value = self._values.get(name.lower())
		if value is None:
			return None
		if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
			if name == "Tracking":
				raise unknown_error()  # users report a 500 for Tracking that is not an array
			raise self._conversion(name, value, f"System.Collections.Generic.List`1[{name}]")
		return [Element(item, f"{self._path}{name}[{index}].") for index, item in enumerate(value)]

	def _conversion(self, name: str, value: Any, type_name: str) -> Exception:
		problem = f"JSON request error converting value \"{value}\" to type '{type_name}'."
		return post_data_invalid(f"{problem} Path '{self._path}{name}'.")

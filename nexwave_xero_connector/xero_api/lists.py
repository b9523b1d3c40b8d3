"""Reading lists from Xero: exact filters, queries short enough for Xero to accept, and every page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote_plus

from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.errors import readable
from nexwave_xero_connector.xero_api.response import Response

Record = TypeVar("Record")

PAGE_SIZE = 1000
"""Xero's largest page. A look-up rarely needs a second page, and between two pages a document could be missed."""

TERMS_LENGTH = 1_700
"""Encoded characters of one call's numbers, ids or names. Xero responds with 404 to a query above about 2,048."""


def equals(field: str, value: str) -> str:
	"""A `where` term. Xero ignores case, and a quote can only be written as two quotes."""
	if not value.strip():
		raise ValueError(f"Xero cannot be asked for an empty {field}")
	doubled = value.replace('"', '""')
	return f'{field}=="{doubled}"'


def chunked(terms: Iterable[str], separator: str) -> Iterator[list[str]]:
	"""The terms without duplicates, in parts that can each be joined by the separator and sent in one call.

	Raises ValueError for an empty term: an empty filter would list everything.
	"""
	part: list[str] = []
	length = 0
	for term in dict.fromkeys(terms):
		if not term.strip():
			raise ValueError("Xero cannot be asked for an empty number, id or name")
		cost = len(quote_plus(term + separator))
		if part and length + cost > TERMS_LENGTH:
			yield part
			part, length = [], 0
		part.append(term)
		length += cost
	if part:
		yield part


def all_pages(
	client: Client,
	operation: Callable[..., Response],
	collection: str,
	id_field: str,
	read: Callable[[dict], Record],
	**parameters: Any,
) -> list[Record]:
	"""Every element of a list, each once, as the record that `read` makes of it.

	Always paged: an unpaged list silently stops at a hundred elements. A full page means that there may be more, and so
	does Xero's own page count.
	"""
	found: dict[str, Record] = {}
	page = 0
	is_last = False
	while not is_last:
		page += 1
		response = client.call(operation, page=page, page_size=PAGE_SIZE, **parameters)
		with readable(response):
			elements = response.elements(collection)
			known = len(found)
			found.update((str(element[id_field]), read(element)) for element in elements)
			is_last = len(elements) < PAGE_SIZE and page >= response.page_count()
			if not is_last and len(found) == known:
				raise ValueError(f"page {page} of {collection} brings nothing new")
	return list(found.values())


def any_of(terms: Sequence[str]) -> str:
	return " OR ".join(terms)

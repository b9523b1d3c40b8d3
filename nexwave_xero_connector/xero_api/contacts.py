"""Contacts in Xero: found by number or name, created, never overwritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nexwave_xero_connector.sync.records import ValidationErrors, XeroContact
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.errors import ValidationFailed, readable
from nexwave_xero_connector.xero_api.exact_json import exact_json
from nexwave_xero_connector.xero_api.lists import all_pages, any_of, chunked, equals
from nexwave_xero_connector.xero_api.response import element_of_each, text, validation_errors_of


def find_contacts(client: Client, numbers: Sequence[str], names: Sequence[str]) -> list[XeroContact]:
	"""Contacts with one of the numbers or names, including archived ones. Xero ignores case and accents."""
	terms = [equals("ContactNumber", number) for number in numbers] + [equals("Name", name) for name in names]
	found: dict[str, XeroContact] = {}
	for part in chunked(terms, " OR "):
		contacts = all_pages(
			client,
			client.accounting.get_contacts,
			"Contacts",
			"ContactID",
			_read_contact,
			where=any_of(part),
			include_archived=True,
		)
		found.update((contact.id, contact) for contact in contacts)
	return list(found.values())


def read_contacts(client: Client, ids: Sequence[str]) -> list[XeroContact]:
	"""The contacts with these ids, including archived and merged ones. An id that Xero does not have is left out."""
	found: dict[str, XeroContact] = {}
	for part in chunked(ids, ","):
		contacts = all_pages(
			client,
			client.accounting.get_contacts,
			"Contacts",
			"ContactID",
			_read_contact,
			i_ds=part,
			include_archived=True,
		)
		found.update((contact.id, contact) for contact in contacts)
	return list(found.values())


def merged_contacts(client: Client, ids: Sequence[str]) -> dict[str, str]:
	"""Of these contacts, the id of the one that each merged one was merged into."""
	return {contact.id: contact.merged_into for contact in read_contacts(client, ids) if contact.merged_into}


def create_contacts(
	client: Client, bodies: Sequence[Mapping[str, object]], idempotency_key: str
) -> list[XeroContact | ValidationErrors | None]:
	"""Create contacts with PUT: POST would overwrite a contact of the same name. One result per body, in order.

	A result is None if the response does not show which element belongs to the body.
	"""
	if not bodies:
		return []
	try:
		response = client.call(
			client.accounting.create_contacts,
			exact_json({"Contacts": list(bodies)}),
			summarize_errors=False,
			idempotency_key=idempotency_key,
		)
	except ValidationFailed as failed:
		if len(bodies) == 1:
			return [failed.errors]
		raise
	with readable(response):
		elements = response.elements("Contacts", count=len(bodies))
		found = element_of_each(bodies, elements, ["Name", "ContactNumber"])
		return [_judge(element) if element is not None else None for element in found]


def _judge(element: dict) -> XeroContact | ValidationErrors:
	return validation_errors_of(element, "ContactID") or _read_contact(element)


def _read_contact(element: Mapping[str, object]) -> XeroContact:
	return XeroContact(
		id=str(element["ContactID"]),
		name=str(element["Name"]),
		number=text(element.get("ContactNumber")),
		is_archived=text(element.get("ContactStatus") or "ACTIVE") != "ACTIVE",
		merged_into=text(element.get("MergedToContactID")),
	)

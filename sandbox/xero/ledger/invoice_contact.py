"""The contact of a document: found by id, number or name, updated with the details sent, or created."""

from __future__ import annotations

from dataclasses import dataclass

from ..problems import not_found
from ..switches import Switches
from .contact_store import ContactRecord, ContactStore
from .incoming import Element

ARCHIVED = (
	"The contact with the specified contact details has been archived. The contact must be un-archived "
	"before creating new invoices or credit notes."
)


@dataclass
class ContactChoice:
	"""An existing contact, or None with the element from which to create one."""

	contact: ContactRecord | None
	element: Element

	@property
	def has_details(self) -> bool:
		"""Whether anything but the id was sent, which then updates the contact (observed)."""
		return any(
			value is not None
			for key, value in self.element.raw.items()
			if key.lower() not in ("contactid", "haserrors") and not key.lower().endswith("validationerrors")
		)


def choose_contact(
	store: ContactStore, tenant: str, element: Element, errors: list[str], switches: Switches
) -> ContactChoice | None:
	"""None, with a message in `errors`, when the element names no contact or an archived one.

	An unknown ContactID refuses the whole request with 404 (measured on a live organisation; switch unknown_contact).
	"""
	contact: ContactRecord | None = None
	if contact_id := element.guid("ContactID"):
		contact = store.get(tenant, contact_id)
		if contact is None and switches.get("unknown_contact") == "element":
			errors.append("The contact with the specified ContactID could not be found.")
			return None
		if contact is None:
			raise not_found()
	else:
		number, name = element.text("ContactNumber"), element.text("Name")
		if not number and not name:
			errors.append("A Contact must be specified for this type of transaction")
			return None
		if number:
			contact = store.by_number(tenant, number)
		if contact is None and name:
			contact = store.by_name(tenant, name) or store.by_name(tenant, name, archived=True)
	if contact is not None and contact.archived:
		errors.append(ARCHIVED)
		return None
	return ContactChoice(contact, element)

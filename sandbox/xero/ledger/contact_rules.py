"""The rules for contacts, on their own endpoint and inside documents."""

from __future__ import annotations

import copy
import re
import uuid

from ..switches import Switches
from .contact_store import ContactRecord, ContactStore
from .folding import fold
from .incoming import Element

ARCHIVED_EDIT = (
	"The specified contact details matched an archived contact. Archived contacts cannot currently be edited "
	"via the API."
)
NUMBER_TAKEN = "Another contact has this contact number. Please enter a different contact number."
ACCOUNT_NUMBER_TAKEN = "The Account Number already exists. Please enter a different Account Number."

TEXT_LIMITS = {
	"FirstName": 255,
	"LastName": 255,
	"CompanyNumber": 50,
	"EmailAddress": 255,
	"TaxNumber": 50,
	"BankAccountDetails": 255,
	"AccountsReceivableTaxType": 50,
	"AccountsPayableTaxType": 50,
	"DefaultCurrency": 3,
	"SalesDefaultAccountCode": 10,
	"PurchasesDefaultAccountCode": 10,
	"Website": 255,
}
LIST_LIMITS: dict[str, dict[str, int]] = {
	"Addresses": {
		**dict.fromkeys((f"AddressLine{number}" for number in range(1, 5)), 500),
		"City": 255,
		"Region": 255,
		"PostalCode": 50,
		"Country": 50,
	},
	"Phones": {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20},
	"ContactPersons": {"FirstName": 255, "LastName": 255, "EmailAddress": 255},
}
STATUSES = ("ACTIVE", "ARCHIVED", "GDPRREQUEST")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


class ContactRules:
	def __init__(self, store: ContactStore, switches: Switches) -> None:
		self._store = store
		self._switches = switches

	def create(self, tenant: str, element: Element, errors: list[str]) -> ContactRecord:
		contact = ContactRecord(id=str(uuid.uuid4()), tenant=tenant, name="", status="ACTIVE", updated=0)
		if not element.text("Name"):
			errors.append("The Contact Name must be specified.")
		self._apply(contact, element, errors)
		return contact

	def update(self, existing: ContactRecord, element: Element, errors: list[str]) -> ContactRecord:
		"""A changed copy; the caller stores it if `errors` stays empty."""
		contact = copy.deepcopy(existing)
		if existing.archived:
			errors.append(ARCHIVED_EDIT)
		self._apply(contact, element, errors)
		return contact

	def _apply(self, contact: ContactRecord, element: Element, errors: list[str]) -> None:
		if (name := element.text("Name")) is not None:
			contact.name = name
			self._check_name(contact, errors)
		if number := element.text("ContactNumber"):
			holder = self._store.by_number(contact.tenant, number)
			if holder and holder.id != contact.id:
				errors.append(NUMBER_TAKEN)
			if len(number) > 50:
				errors.append("The ContactNumber must not be longer than 50 characters.")
			contact.number = number
		if account_number := element.text("AccountNumber"):
			holder = self._store.by_account_number(contact.tenant, account_number)
			if holder and holder.id != contact.id:
				errors.append(ACCOUNT_NUMBER_TAKEN)
			if len(account_number) > 50:
				errors.append("The AccountNumber must not be longer than 50 characters.")
			contact.account_number = account_number
		if status := element.choice("ContactStatus", STATUSES, "ContactStatus"):
			contact.status = status
		self._apply_details(contact, element, errors)

	def _check_name(self, contact: ContactRecord, errors: list[str]) -> None:
		name = contact.name
		holder = self._store.by_name(contact.tenant, name)
		by_accent = self._switches.get("contact_name_accents") == "compared"
		two_names = by_accent and holder is not None and fold(holder.name) != fold(name)
		if holder and holder.id != contact.id and not two_names:
			errors.append(
				f"The contact name {name} is already assigned to another contact. The contact name must be "
				"unique across all active contacts."
			)
		if len(name) > 255:
			errors.append("The contact name must not be longer than 255 characters.")
		if "<" in name or ">" in name or name != " ".join(name.split()):
			errors.append(
				"The contact name cannot contain the characters < or >, or leading, trailing or double "
				"spaces."
			)

	def _apply_details(self, contact: ContactRecord, element: Element, errors: list[str]) -> None:
		for name, limit in TEXT_LIMITS.items():
			if (value := element.text(name)) is not None:
				_check_length(value, name, limit, errors)
				contact.fields[name] = value
		for list_name, limits in LIST_LIMITS.items():
			if (items := element.objects(list_name)) is not None:
				contact.fields[list_name] = [item.raw for item in items]
				for item in items:
					for name, limit in limits.items():
						_check_length(item.text(name) or "", name, limit, errors)
		if (terms := element.object("PaymentTerms")) is not None:
			contact.fields["PaymentTerms"] = terms.raw
		if contact.email and not _EMAIL.match(contact.email):
			errors.append("Email address must be valid.")
		website = contact.fields.get("Website")
		if website and not website.lower().startswith(("http://", "https://")):
			errors.append("Website must be valid.")


def _check_length(value: str, name: str, limit: int, errors: list[str]) -> None:
	if len(value) > limit:
		errors.append(f"The {name} must not be longer than {limit} characters.")

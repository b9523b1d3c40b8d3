"""Contacts as Xero writes them."""

from __future__ import annotations

from typing import Any

from ..wire import ms_instant
from .contact_store import ContactRecord

_ADDRESS_TYPES = ("STREET", "POBOX")
_PHONE_TYPES = ("DDI", "DEFAULT", "FAX", "MOBILE")
_OPTIONAL = (
	"FirstName",
	"LastName",
	"CompanyNumber",
	"TaxNumber",
	"AccountsReceivableTaxType",
	"AccountsPayableTaxType",
	"DefaultCurrency",
	"SalesDefaultAccountCode",
	"PurchasesDefaultAccountCode",
	"Website",
	"PaymentTerms",
	"MergedToContactID",
)


def trimmed_contact(contact: ContactRecord) -> dict[str, Any]:
	"""How a list of documents shows its contacts (observed on the wire)."""
	return {
		"ContactID": contact.id,
		"Name": contact.name,
		"Addresses": [],
		"Phones": [],
		"ContactGroups": [],
		"ContactPersons": [],
		"HasValidationErrors": False,
	}


def full_contact(contact: ContactRecord) -> dict[str, Any]:
	out: dict[str, Any] = {"ContactID": contact.id}
	if contact.number:
		out["ContactNumber"] = contact.number
	if contact.account_number:
		out["AccountNumber"] = contact.account_number
	out |= {
		"ContactStatus": contact.status,
		"Name": contact.name,
		"EmailAddress": contact.email,
		"BankAccountDetails": contact.fields.get("BankAccountDetails", ""),
	}
	out |= {name: contact.fields[name] for name in _OPTIONAL if contact.fields.get(name)}
	out |= {
		"Addresses": _by_type(contact.fields.get("Addresses", []), "AddressType", _ADDRESS_TYPES, {}),
		"Phones": _by_type(
			contact.fields.get("Phones", []),
			"PhoneType",
			_PHONE_TYPES,
			{"PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""},
		),
		"UpdatedDateUTC": ms_instant(contact.updated),
		"ContactGroups": [],
		"IsSupplier": contact.is_supplier,
		"IsCustomer": contact.is_customer,
		"SalesTrackingCategories": [],
		"PurchasesTrackingCategories": [],
		"ContactPersons": contact.fields.get("ContactPersons", []),
		"HasValidationErrors": False,
	}
	return out


def _by_type(
	sent: list[dict[str, Any]], key: str, types: tuple[str, ...], empty: dict[str, str]
) -> list[dict[str, Any]]:
	"""Xero returns every type, empty if nothing was sent."""
	by_type = {item.get(key): item for item in sent}
	return [{key: type_, **empty, **by_type.get(type_, {})} for type_ in types]

"""A Customer or Supplier as a new Xero contact. It is sent once, when it is created, and never updated."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import replace
from html import unescape

from nexwave_xero_connector.mapping.erp_document import Party

MAX_CONTACT_NUMBER_LENGTH = 50
MAX_NAME_LENGTH = 255

LEGAL_FORMS = frozenset(
	"ag and bv co company corp corporation dba gmbh group inc incorporated llc llp limited ltd nl nv of plc"
	" proprietary pte pty sa sarl sas the trading".split()
)
"""Words that names of different businesses have in common, so they say nothing about who it is."""

_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")


def contact_number(party: Party) -> str:
	"""Xero's ContactNumber: the ERPNext id; one longer than 50 characters is cut and ends in a hash of itself.

	A Customer and a Supplier with the same id are one contact: a Xero contact can be both, and names are unique.
	"""
	if len(party.name) <= MAX_CONTACT_NUMBER_LENGTH:
		return party.name
	digest = hashlib.sha256(party.name.encode()).hexdigest()[:10]
	return f"{party.name[: MAX_CONTACT_NUMBER_LENGTH - len(digest) - 1].rstrip()}-{digest}"


def contact_name(party: Party) -> str:
	"""A name that Xero accepts: up to 255 characters, without angle brackets or extra spaces."""
	for name in (party.title, party.name):
		cleaned = _one_line(re.sub("[<>]", " ", unescape(name)), MAX_NAME_LENGTH)
		if cleaned:
			return cleaned
	return contact_number(party)


def alternative_number(party: Party) -> str:
	"""The number of a Supplier whose id is a Customer's with another name, or the other way round."""
	return contact_number(replace(party, name=f"{party.doctype} {party.name}"))


def folded(name: str) -> str:
	"""A name as Xero compares it, ignoring case and accents (OpenAPI, Contacts), and ignoring extra spaces."""
	decomposed = unicodedata.normalize("NFKD", name)
	plain = "".join(char for char in decomposed if not unicodedata.combining(char))
	return " ".join(plain.casefold().split())


def may_be_the_same(name: str, other: str) -> bool:
	"""Whether two names can be those of one business: one has all words of the other, or they share more than half.

	"Bayside Club" and "Bayside Sailing Club Inc." can; "Anna Smith" and "Bob Smith", or "Anna Smith" and "Bob's
	Plumbing", cannot. Names without spaces, as in Japanese, are the same if one contains the other.
	"""
	ours, theirs = _words(name), _words(other)
	shared, fewer = len(ours & theirs), min(len(ours), len(theirs))
	if shared * 2 > fewer:
		return True
	one, two = _letters(name), _letters(other)
	return bool(one and two) and (one == two or (min(len(one), len(two)) > 3 and (one in two or two in one)))


def contact_body(party: Party) -> dict[str, object]:
	"""A new contact, without what Xero would reject, such as a malformed email or a long tax number."""
	body: dict[str, object] = {"Name": contact_name(party), "ContactNumber": contact_number(party)}
	email = party.email.strip()
	if _EMAIL.fullmatch(email) and email.isascii() and len(email) <= 255:
		body["EmailAddress"] = email
	tax_number = _one_line(party.tax_id, 51)
	if 0 < len(tax_number) <= 50:
		body["TaxNumber"] = tax_number
	address = _address(party)
	if address:
		body["Addresses"] = [{"AddressType": "POBOX", **address}]
	phone = _one_line(party.phone, 51)
	if 0 < len(phone) <= 50:
		body["Phones"] = [{"PhoneType": "DEFAULT", "PhoneNumber": phone}]
	return body


def _words(name: str) -> set[str]:
	words = set(re.findall(r"\w+", re.sub("['\N{RIGHT SINGLE QUOTATION MARK}]", "", folded(name))))
	return words - LEGAL_FORMS or words


def _letters(name: str) -> str:
	"""Letters and digits only: "J.P. Smith" and "JP Smith" are one."""
	return "".join(re.findall(r"\w", folded(name)))


def _address(party: Party) -> dict[str, str]:
	"""Xero's postal address, which it prints on invoices. The country may have letters only (OpenAPI, Address)."""
	fields = {
		"AddressLine1": _one_line(party.address_line1, 500),
		"AddressLine2": _one_line(party.address_line2, 500),
		"City": _one_line(party.city, 255),
		"Region": _one_line(party.region, 255),
		"PostalCode": _one_line(party.postal_code, 50),
		"Country": _one_line(re.sub("[^A-Za-z ]", " ", party.country), 50),
	}
	return {field: value for field, value in fields.items() if value}


def _one_line(text: str, length: int) -> str:
	return " ".join(text.split())[:length].rstrip()

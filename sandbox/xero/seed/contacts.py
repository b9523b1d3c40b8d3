"""A few contacts: ordinary ones, one archived, one merged into another."""

from __future__ import annotations

from typing import Any

from ..ledger.contact_store import ContactRecord, ContactStore
from ..storage import Storage
from .identifiers import fixed_id

# name, contact number, e-mail, status, merged into
_COMMON: tuple[tuple[str, str, str, str, str], ...] = (
	("Gone Fishing Ltd", "CUST-ARCHIVED", "", "ARCHIVED", ""),
	("Bayside Club (old)", "CUST-MERGED", "", "ARCHIVED", "Bayside Club"),
)

_BY_COUNTRY: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
	"NZ": (
		("Bayside Club", "CUST-0001", "accounts@bayside.example", "ACTIVE", ""),
		("City Limousines", "CUST-0002", "pay@citylimo.example", "ACTIVE", ""),
		("Café Māori & Sons", "CUST-0003", "", "ACTIVE", ""),
		("Swanston Security", "SUPP-0001", "billing@swanston.example", "ACTIVE", ""),
		*_COMMON,
	),
	"AU": (
		("Bayside Club", "CUST-0001", "accounts@bayside.example", "ACTIVE", ""),
		("Marine Systems", "CUST-0002", "ap@marine.example", "ACTIVE", ""),
		("Sydney Stationers", "SUPP-0001", "", "ACTIVE", ""),
		*_COMMON,
	),
	"GB": (
		("Bayside Club", "CUST-0001", "accounts@bayside.example", "ACTIVE", ""),
		*_COMMON,
	),
}


def seed_contacts(storage: Storage, tenant: str, country: str, updated: int) -> None:
	store = ContactStore(storage)
	for name, number, email, status, merged_into in _BY_COUNTRY[country]:
		fields: dict[str, Any] = {"EmailAddress": email}
		if merged_into:
			fields["MergedToContactID"] = fixed_id(tenant, "contact", merged_into)
		store.save(
			ContactRecord(
				id=fixed_id(tenant, "contact", name),
				tenant=tenant,
				name=name,
				number=number,
				status=status,
				updated=updated,
				fields=fields,
			)
		)

"""Stores contacts."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from ..storage import Storage
from ..wire import dumps, loads
from .folding import fold, fold_name


@dataclass
class ContactRecord:
	"""A contact. `fields` has what the ledger only stores and returns: addresses, phones, persons ..."""

	id: str
	tenant: str
	name: str
	status: str
	updated: int
	number: str | None = None
	account_number: str | None = None
	is_customer: bool = False
	is_supplier: bool = False
	sequence: int = 0
	fields: dict[str, Any] = field(default_factory=dict)

	@property
	def archived(self) -> bool:
		return self.status != "ACTIVE"

	@property
	def email(self) -> str:
		return self.fields.get("EmailAddress") or ""


class ContactStore:
	def __init__(self, storage: Storage) -> None:
		self._storage = storage

	def get(self, tenant: str, contact_id: str) -> ContactRecord | None:
		return self._one("id = ?", tenant, contact_id.lower())

	def many(self, tenant: str, ids: set[str]) -> dict[str, ContactRecord]:
		marks = ", ".join("?" * len(ids))
		rows = self._storage.rows(
			f"SELECT * FROM contacts WHERE tenant = ? AND id IN ({marks})", tenant, *ids
		)
		return {row["id"]: contact_from_row(row) for row in rows}

	def by_number(self, tenant: str, number: str) -> ContactRecord | None:
		return self._one("number_key = ?", tenant, fold(number))

	def by_account_number(self, tenant: str, number: str) -> ContactRecord | None:
		return self._one("account_number = ?", tenant, number)

	def by_name(self, tenant: str, name: str, *, archived: bool = False) -> ContactRecord | None:
		comparison = "!=" if archived else "="
		return self._one(f"status {comparison} 'ACTIVE' AND name_key = ?", tenant, fold_name(name))

	def save(self, contact: ContactRecord) -> None:
		if not contact.sequence:
			contact.sequence = 1 + (self._storage.scalar("SELECT max(sequence) FROM contacts") or 0)
		words = (
			contact.name,
			contact.number,
			contact.email,
			contact.fields.get("FirstName"),
			contact.fields.get("LastName"),
			contact.fields.get("CompanyNumber"),
		)
		self._storage.put(
			"contacts",
			id=contact.id,
			tenant=contact.tenant,
			sequence=contact.sequence,
			name=contact.name,
			name_key=fold_name(contact.name),
			number=contact.number,
			number_key=fold(contact.number) if contact.number else None,
			account_number=contact.account_number,
			email_key=fold(contact.email),
			status=contact.status,
			is_customer=int(contact.is_customer),
			is_supplier=int(contact.is_supplier),
			updated=contact.updated,
			search_key=fold_name("\n".join(word for word in words if word)),
			json=dumps(contact.fields),
		)

	def _one(self, condition: str, tenant: str, value: str) -> ContactRecord | None:
		row = self._storage.row(
			f"SELECT * FROM contacts WHERE tenant = ? AND {condition} ORDER BY sequence DESC LIMIT 1",
			tenant,
			value,
		)
		return contact_from_row(row) if row else None


def contact_from_row(row: sqlite3.Row) -> ContactRecord:
	return ContactRecord(
		id=row["id"],
		tenant=row["tenant"],
		name=row["name"],
		status=row["status"],
		updated=row["updated"],
		number=row["number"],
		account_number=row["account_number"],
		is_customer=bool(row["is_customer"]),
		is_supplier=bool(row["is_supplier"]),
		sequence=row["sequence"],
		fields=loads(row["json"]),
	)

"""Stores documents."""

from __future__ import annotations

from ..money import cents
from ..storage import Storage
from .folding import fold
from .model import Document, Kind, document_from_row


class DocumentStore:
	def __init__(self, storage: Storage) -> None:
		self._storage = storage

	def get(self, tenant: str, document_id: str, kind: Kind | None = None) -> Document | None:
		row = self._storage.row(
			"SELECT * FROM documents WHERE id = ? AND tenant = ?", document_id.lower(), tenant
		)
		if row is None or (kind and row["kind"] != kind.name):
			return None
		return document_from_row(row)

	def by_number(self, tenant: str, kind: Kind, number: str, type_: str | None = None) -> list[Document]:
		"""All documents with that number, whatever their status; live ones first, then the newest."""
		rows = self._storage.rows(
			"SELECT * FROM documents WHERE tenant = ? AND kind = ? AND number_key = ? ORDER BY status IN "
			"('VOIDED', 'DELETED'), sequence DESC",
			tenant,
			kind.name,
			fold(number),
		)
		return [document_from_row(row) for row in rows if type_ in (None, row["type"])]

	def next_number(self, tenant: str, kind: Kind) -> str:
		"""The number that Xero gives a sales document sent without one."""
		key = f"next_number/{tenant}/{kind.name}"
		position = self._storage.value(key, 1)
		while self.by_number(tenant, kind, f"{kind.prefix}{position:04d}"):
			position += 1
		self._storage.remember(key, position + 1)
		return f"{kind.prefix}{position:04d}"

	def save(self, document: Document) -> None:
		if not document.sequence:
			document.sequence = 1 + (
				self._storage.scalar("SELECT max(sequence) FROM documents WHERE tenant = ?", document.tenant)
				or 0
			)
		self._storage.put(
			"documents",
			id=document.id,
			tenant=document.tenant,
			kind=document.kind,
			type=document.type,
			sequence=document.sequence,
			number=document.number,
			number_key=fold(document.number) if document.number else None,
			reference_key=fold(document.reference),
			contact_id=document.contact_id,
			status=document.status,
			date=document.date,
			due_date=document.due_date,
			currency=document.currency,
			url=document.url,
			sub_total=cents(document.sub_total),
			total_tax=cents(document.total_tax),
			total=cents(document.total),
			amount_due=cents(document.amount_due),
			amount_paid=cents(document.amount_paid),
			amount_credited=cents(document.amount_credited),
			app=document.app,
			updated=document.updated,
			json=document.to_json(),
		)

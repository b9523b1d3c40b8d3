"""The port Documents on SQLite: documents, the mapping and the linked contacts."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from nexwave_xero_connector.mapping.contact import may_be_the_same
from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument, Party
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.identity import link
from nexwave_xero_connector.sync.ownership import Owner, Owners
from nexwave_xero_connector.sync.records import Elsewhere, XeroContact
from sandbox.erp.database import Database
from sandbox.erp.stored import INVOICE, PARTY, XERO_ACCOUNT, XERO_TAX_RATE
from sandbox.erp.sync_log import SyncLog

SITE = "https://erp.nexwave.example"


class EmbeddedDocuments:
	def __init__(self, database: Database) -> None:
		self._database = database

	def read(self, documents: Sequence[DocumentRef]) -> Mapping[DocumentRef, ErpDocument]:
		found = {}
		with self._database.snapshot():
			for ref in documents:
				row = self._database.row(
					"SELECT docstatus, body FROM invoice WHERE doctype = ? AND name = ?",
					ref.doctype,
					ref.name,
				)
				if row:
					found[ref] = replace(INVOICE.validate_json(row["body"]), docstatus=row["docstatus"])
		return found

	def link(self, key: str) -> str:
		return link(SITE, key)

	def mapping_settings(self, company: str) -> MappingSettings:
		with self._database.snapshot():
			settings = self._of_company("xero_settings", company)[0]
			taxes = self._of_company("tax_mapping", company)
			return MappingSettings(
				company=company,
				statuses=dict.fromkeys(XeroType, settings["status"]),
				allocates_only_as_erpnext=bool(settings["allocates_only_as_erpnext"]),
				lock_date=date.fromisoformat(settings["lock_date"]) if settings["lock_date"] else None,
				accounts={
					row["code"]: XERO_ACCOUNT.validate_json(row["body"])
					for row in self._of_company("xero_account", company)
				},
				tax_rates={
					row["tax_type"]: XERO_TAX_RATE.validate_json(row["body"])
					for row in self._of_company("xero_tax_rate", company)
				},
				account_keys={
					row["account"]: row["code"] for row in self._of_company("account_mapping", company)
				},
				tax_types={
					(row["template_doctype"], row["template"]): row["tax_type"]
					for row in taxes
					if row["tax_type"]
				},
				purchase_tax_types={
					(row["template_doctype"], row["template"]): row["purchase_tax_type"]
					for row in taxes
					if row["purchase_tax_type"]
				},
				charge_accounts={
					row["account"]: row["tax_type"] for row in self._of_company("charge_account", company)
				},
				default_sales_account=settings["default_sales_account"],
				default_purchase_account=settings["default_purchase_account"],
				rounding_account=settings["rounding_account"],
				discount_account=settings["discount_account"],
				bill_number_source=settings["bill_number_source"],
				base_currency=settings["base_currency"],
			)

	def _of_company(self, table: str, company: str) -> list[sqlite3.Row]:
		return self._database.rows(f"SELECT * FROM {table} WHERE company = ?", company)

	def contact_ids(self, company: str, parties: Sequence[Party]) -> Mapping[Party, str]:
		linked = {}
		for party in parties:
			row = self._database.row(
				"SELECT contact_id FROM xero_contact WHERE company = ? AND party_doctype = ? AND party = ?",
				company,
				party.doctype,
				party.name,
			)
			if row:
				linked[party] = row["contact_id"]
		return linked

	def link_contact(self, company: str, party: Party, contact_id: str, contact_name: str) -> None:
		with self._database.transaction():
			self._database.execute(
				"INSERT OR REPLACE INTO xero_contact VALUES (?, ?, ?, ?, ?)",
				company,
				party.doctype,
				party.name,
				contact_id,
				contact_name,
			)

	def unlink_contact(self, company: str, party: Party) -> None:
		self._database.execute(
			"DELETE FROM xero_contact WHERE company = ? AND party_doctype = ? AND party = ?",
			company,
			party.doctype,
			party.name,
		)

	def parties_of_contact(self, company: str, contact: XeroContact) -> Sequence[Party]:
		linked = self._database.rows(
			"""SELECT party.body FROM xero_contact AS link JOIN party
			ON party.doctype = link.party_doctype AND party.name = link.party
			WHERE link.company = ? AND link.contact_id = ?""",
			company,
			contact.id,
		)
		numbered = self._database.rows("SELECT body FROM party WHERE name = ?", contact.number)
		parties = [PARTY.validate_json(row["body"]) for row in linked]
		return parties + [
			party
			for party in (PARTY.validate_json(row["body"]) for row in numbered)
			if may_be_the_same(party.title, contact.name)
		]

	def xero_id(self, company: str, document: DocumentRef) -> str:
		key, _created = SyncLog(self._database).identity(document)
		row = self._database.row("SELECT xero_id FROM xero_document WHERE key = ?", key)
		return row["xero_id"] or "" if row else ""

	def owners(self, company: str, xero_ids: Sequence[str], keys: Sequence[str]) -> Owners:
		rows = self._database.rows("SELECT key, doctype, document, xero_id FROM xero_document")
		owners = {row["key"]: Owner(row["key"], DocumentRef(row["doctype"], row["document"])) for row in rows}
		return Owners(
			by_id={row["xero_id"]: owners[row["key"]] for row in rows if row["xero_id"] in xero_ids},
			by_key={key: owners[key] for key in keys if key in owners},
		)

	def note_missing_links(self, company: str) -> None:
		"""Nobody reads the settings of the embedded ERP."""

	def elsewhere(self, company: str, keys: Sequence[str]) -> Mapping[str, Sequence[Elsewhere]]:
		"""None: a company of the embedded ERP has one organisation for ever."""
		return {}

	def is_waiting(self, document: DocumentRef) -> bool:
		return bool(
			self._database.row(
				"SELECT 1 FROM sync_log WHERE doctype = ? AND document = ? AND open_key IS NOT NULL",
				document.doctype,
				document.name,
			)
		)

	def has_open_row(self, key: str) -> bool:
		return bool(self._database.row("SELECT 1 FROM sync_log WHERE open_key = ?", key))

	def return_is_waiting(self, document: DocumentRef) -> bool:
		returns = self._database.rows(
			"SELECT doctype, name FROM invoice WHERE doctype = ? AND return_against = ?",
			document.doctype,
			document.name,
		)
		return any(self.is_waiting(DocumentRef(row["doctype"], row["name"])) for row in returns)

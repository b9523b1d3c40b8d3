"""A company on the bench's site that is set up to send to Xero, with users and workers in sessions of their own.

Everything is really committed, because other connections must see it. `clear` removes it again, except the company and
its customer, supplier and item, which the next test uses too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, nowdate

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.connection.installation import ensure_installation
from nexwave_xero_connector.erp.documents.reader import FrappeDocuments
from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.tests.records import make_company, make_price_lists, price_list_of

T = TypeVar("T")
COMPANY = "Harbour Trading"
ABBR = "HBT"
PARTY = "Tasman Timber"
ITEM = "Garden Bench"
LOG = "Xero Sync Log"
# A new thread has no site.
NO_QUEUE = "redis://127.0.0.1:1"
SITE, SITES_PATH = frappe.local.site, frappe.local.sites_path
QUEUE = frappe.local.conf.redis_queue


@dataclass
class BenchPorts:
	outbox: FrappeOutbox
	enqueuer: FrappeEnqueuer
	documents: FrappeDocuments


class RolledBack(Exception):
	pass


class BenchWorld:
	company = COMPANY

	def __init__(self, sees_queue: bool = False) -> None:
		"""`sees_queue`: wake workers. Otherwise only the test's own workers can claim the rows."""
		self._ahead = timedelta(0)
		set_up_company()
		clear()
		if not sees_queue:
			frappe.local.conf.redis_queue = NO_QUEUE
		connect_company()
		self.ports = self._ports()

	def session(self, act: Callable[[BenchPorts], T]) -> T:
		return in_another_session(lambda: act(self._ports()))

	def submit(self) -> DocumentRef:
		return in_another_session(lambda: ref_of(new_invoice().submit()))

	def submit_and_roll_back(self) -> DocumentRef:
		return self._rolled_back(lambda: new_invoice().submit())

	def cancel(self, document: DocumentRef) -> None:
		in_another_session(lambda: frappe.get_doc(document.doctype, document.name).cancel())

	def cancel_and_roll_back(self, document: DocumentRef) -> None:
		self._rolled_back(lambda: frappe.get_doc(document.doctype, document.name).cancel())

	def delete(self, document: DocumentRef) -> None:
		def act() -> None:
			# As Accounts Settings do where they allow deleting a document with ledger entries.
			for ledger in ("GL Entry", "Payment Ledger Entry"):
				frappe.db.delete(ledger, {"voucher_no": document.name})
			frappe.delete_doc(document.doctype, document.name)

		in_another_session(act)

	def rows(self, document: DocumentRef) -> list[Any]:
		frappe.db.rollback()
		rows = frappe.get_all(
			LOG,
			filters={"reference_doctype": document.doctype, "reference_name": document.name},
			fields=["*"],
			order_by="creation asc",
		)
		for row in rows:
			row.update(is_open=bool(row.due_at), is_latest=bool(row.is_latest))
			row.update({field: clock.from_column(row[field]) for field in ("due_at", "unconfirmed_until")})
		return rows

	def advance(self, by: timedelta) -> None:
		self._ahead += by

	def now(self) -> datetime:
		return clock.utc_now() + self._ahead

	def _ports(self) -> BenchPorts:
		return BenchPorts(FrappeOutbox(now=self.now), FrappeEnqueuer(), FrappeDocuments())

	def _rolled_back(self, act: Callable[[], Document]) -> DocumentRef:
		seen: list[DocumentRef] = []

		def act_and_fail() -> None:
			seen.append(ref_of(act()))
			raise RolledBack

		try:
			in_another_session(act_and_fail)
		except RolledBack:
			pass
		return seen[0]


def ref_of(document: Document) -> DocumentRef:
	return DocumentRef(document.doctype, document.name)


def in_another_session(act: Callable[[], T]) -> T:
	"""Run it with its own connection, as another user's request does, and commit."""
	queue = getattr(frappe.local, "conf", {}).get("redis_queue", NO_QUEUE)
	answers: list[T] = []
	failures: list[BaseException] = []

	def run() -> None:
		frappe.init(site=SITE, sites_path=SITES_PATH)
		frappe.connect()
		frappe.local.conf.redis_queue = queue
		frappe.flags.in_test = True
		try:
			answers.append(act())
			frappe.db.commit()
		except BaseException as failure:
			frappe.db.rollback()
			failures.append(failure)
		finally:
			frappe.destroy()

	thread = threading.Thread(target=run)
	thread.start()
	thread.join()
	if failures:
		raise failures[0]
	return answers[0]


def set_up_company() -> None:
	make_company(COMPANY, ABBR)
	make_price_lists()
	if not frappe.db.exists("Customer", PARTY):
		frappe.get_doc({"doctype": "Customer", "customer_name": PARTY}).insert()
	if not frappe.db.exists("Supplier", PARTY):
		frappe.get_doc({"doctype": "Supplier", "supplier_name": PARTY}).insert()
	if not frappe.db.exists("Item", ITEM):
		frappe.get_doc(
			{"doctype": "Item", "item_code": ITEM, "item_group": "All Item Groups", "is_stock_item": 0}
		).insert()
	frappe.db.commit()


def connect_company(**settings: object) -> None:
	frappe.get_doc(
		{
			"doctype": "Xero Sync Settings",
			"company": COMPANY,
			"enabled": 1,
			"start_date": add_days(nowdate(), -30),
			"tenant_id": "5a4d2c1e-7c1b-4f0a-9f3e-0c7a8b6d1e2f",
			"organisation_name": "Harbour Trading",
			"short_code": "!X0T",
			**settings,
		}
	).insert()
	connect_without_consent(COMPANY)
	frappe.db.commit()


def connect_without_consent(company: str) -> None:
	"""The company's Xero Connection, belonging to this site. Tests that call Xero bring their own token or Xero."""
	connection = {"doctype": "Xero Connection", "company": company, "state": "Connected"}
	frappe.get_doc({**connection, "installation": ensure_installation()}).insert()


def new_invoice(doctype: str = "Sales Invoice", **values: object) -> Document:
	"""A draft of 100.00 for one item, saved but not committed."""
	party_field = "customer" if doctype == "Sales Invoice" else "supplier"
	rate = values.pop("rate", 100)
	# With its own list price: ERPNext remembers what an item was sold for and would replace a rate of zero by that.
	item = {"item_code": ITEM, "qty": 1, "rate": rate, "price_list_rate": rate}
	if "item_tax_template" in values:
		item["item_tax_template"] = values.pop("item_tax_template")
	return frappe.get_doc(
		{
			"doctype": doctype,
			"company": COMPANY,
			party_field: PARTY,
			"posting_date": nowdate(),
			"due_date": add_days(nowdate(), 20),
			"currency": "NZD",
			"conversion_rate": 1,
			**price_list_of(doctype),
			"items": [item],
			**values,
		}
	).insert()


def make_tax_template(title: str = "No GST", rate: float = 0) -> str:
	name = f"{title} - {ABBR}"
	if not frappe.db.exists("Item Tax Template", name):
		frappe.get_doc(
			{
				"doctype": "Item Tax Template",
				"title": title,
				"company": COMPANY,
				"taxes": [{"tax_type": make_tax_account(), "tax_rate": rate}],
			}
		).insert()
	return name


def make_tax_account(title: str = "GST Out") -> str:
	name = f"{title} - {ABBR}"
	if not frappe.db.exists("Account", name):
		frappe.get_doc(
			{
				"doctype": "Account",
				"account_name": title,
				"company": COMPANY,
				"account_type": "Tax",
				"parent_account": f"Duties and Taxes - {ABBR}",
				"tax_rate": 15,
			}
		).insert()
	return name


def clear(company: str = COMPANY) -> None:
	"""Delete what a company has in the log, the ledgers and the settings, straight from the database."""
	if frappe.local.conf.redis_queue == NO_QUEUE:
		frappe.local.conf.redis_queue = QUEUE
	frappe.db.rollback()
	for doctype in ("Sales Invoice", "Purchase Invoice"):
		names = frappe.get_all(doctype, filters={"company": company}, pluck="name")
		if names:
			for field in frappe.get_meta(doctype).get_table_fields():
				frappe.db.delete(field.options, {"parent": ("in", names), "parenttype": doctype})
			frappe.db.delete(doctype, {"name": ("in", names)})
	for doctype in (
		"GL Entry",
		"Payment Ledger Entry",
		"Xero Contact",
		"Xero Document",
		"Xero Attachment",
		LOG,
		"Xero Account",
		"Xero Tax Rate",
	):
		frappe.db.delete(doctype, {"company": company})
	for doctype in ("Xero Sync Settings", "Xero Connection"):
		for name in frappe.get_all(doctype, filters={"company": company}, pluck="name"):
			frappe.delete_doc(doctype, name, force=True)
	# ERPNext remembers there what the item was last sold under.
	frappe.db.delete("Item Default", {"parent": ITEM, "company": company})
	frappe.db.delete("Error Log", {"method": ("like", "Xero:%")})
	frappe.db.commit()

"""What ERPNext's own operations are tried with: none is ever hindered, and each is followed.

Nothing is wrong in Xero after it, and the log says what is. Each operation has a test: customers and suppliers in
test_parties, what the mapping names in test_mapped_records, companies in test_rename_company, invoices in
test_erpnext_operations, what makes invoices in test_invoices_made_by_erpnext.
"""

from __future__ import annotations

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.api import sync
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY
from nexwave_xero_connector.tests.xero_test_case import XeroTest

SETTINGS = "Xero Sync Settings"
NO_GST = f"No GST - {ABBR}"
# Names of this run only: one that was killed leaves its records behind.
RUN = frappe.generate_hash(length=6)
BEFORE, AFTER, THIRD, FOURTH = (f"Xero Ops {number} {RUN}" for number in ("One", "Two", "Three", "Four"))


class OperationsTest(XeroTest):
	"""The worker is this process: `push` does what is due."""

	def setUp(self) -> None:
		super().setUp()
		self.made: list[tuple[str, str]] = []
		self.addCleanup(self.remove_made)

	def remove_made(self) -> None:
		frappe.set_user("Administrator")
		frappe.db.rollback()
		for doctype, name in reversed(self.made):
			if frappe.db.exists(doctype, name):
				frappe.delete_doc(doctype, name, force=True, ignore_permissions=True)
		frappe.db.commit()

	def make(self, doctype: str, **values: object) -> str:
		document = frappe.get_doc({"doctype": doctype, **values}).insert()
		self.made.append((doctype, document.name))
		frappe.db.commit()
		return document.name

	def customer(self, name: str) -> str:
		return self.make("Customer", customer_name=name)

	def push(self) -> None:
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		frappe.db.rollback()

	def sent(self, **values: object) -> Document:
		document = self.submit(**values)
		self.push()
		self.assertEqual(self.status(document), "Success", self.newest(document).message)
		return document

	def status(self, document: Document) -> str:
		return self.newest(document).status

	def contact_of(self, document: Document) -> str:
		(wire,) = self.in_xero(document)
		return wire["Contact"]["Name"]

	def live(self) -> list[str]:
		return sorted(
			row["number"]
			for row in self.admin.documents(tenant=self.tenant)
			if row["status"] not in ("VOIDED", "DELETED")
		)

	def settings(self) -> Document:
		return frappe.get_doc(SETTINGS, COMPANY)

	def can_be_saved_and_switched_off(self) -> None:
		settings = self.settings()
		settings.save()
		settings.enabled = 0
		settings.save()
		settings.enabled = 1
		settings.save()
		frappe.db.commit()

	def allow_repost(self) -> None:
		settings = frappe.get_single("Repost Accounting Ledger Settings")
		allowed = [{"document_type": f"{kind} Invoice", "allowed": 1} for kind in ("Sales", "Purchase")]
		settings.set("allowed_types", allowed)
		settings.save()

	def says(self, text: str) -> None:
		self.assertIn(text, str(frappe.local.message_log))

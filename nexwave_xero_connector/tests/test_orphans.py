"""Finding where ERPNext and Xero disagree, against the Xero sandbox."""

import importlib.util
import unittest
import uuid
from contextlib import ExitStack
from decimal import Decimal

import frappe
from frappe.utils import now_datetime, nowdate

from nexwave_xero_connector.api import bulk, orphans
from nexwave_xero_connector.api import sync as sync_api
from nexwave_xero_connector.erp.connection.tokens import open_organisation
from nexwave_xero_connector.erp.doctypes import XERO_DOCUMENT
from nexwave_xero_connector.erp.outbox.log import add_row, first_row, key_of
from nexwave_xero_connector.erp.outbox.xero_documents import link_by_hand
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.records import Operation, Status, Trigger
from nexwave_xero_connector.tests.bench_sandbox import new_sandbox, site_config
from nexwave_xero_connector.tests.bench_world import (
	ABBR,
	COMPANY,
	LOG,
	BenchWorld,
	clear,
	new_invoice,
	ref_of,
)
from nexwave_xero_connector.tests.browser.desk_test_case import NO_GST, XERO_URLS, connect
from nexwave_xero_connector.tests.compat import IntegrationTestCase

NEEDED = [name for name in ("aiohttp", "simplejson") if not importlib.util.find_spec(name)]
A_THOUSAND = 1000


@unittest.skipIf(NEEDED, f"the Xero sandbox needs: pip install {' '.join(NEEDED)}")
class TestOrphans(IntegrationTestCase):
	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		stack = ExitStack()
		cls.addClassCleanup(stack.close)
		cls.xero = new_sandbox()
		stack.enter_context(site_config(dict.fromkeys(XERO_URLS, cls.xero.url)))

	def setUp(self) -> None:
		self.addCleanup(clear)
		self.xero = new_sandbox()
		self.world = BenchWorld()
		connect(self.xero.admin)

	def pushed(self, **values: object):
		document = new_invoice(item_tax_template=f"{NO_GST} - {ABBR}", **values).submit()
		frappe.db.commit()
		sync_api.push_invoice(COMPANY)
		self.assertEqual(self.newest(document).status, "Success", self.newest(document).message)
		return document

	def newest(self, document) -> frappe._dict:
		return self.world.rows(ref_of(document))[-1]

	def in_xero(self, action: str, document, **more: object) -> dict[str, object]:
		return self.xero.admin.act(self.xero.admin.tenant("NZ"), action, number=document.name, **more)

	def cancel(self, document) -> None:
		document.reload().cancel()
		frappe.db.commit()
		sync_api.push_invoice(COMPANY)

	def check(self) -> str:
		message = orphans.check_company(COMPANY)["message"]
		frappe.db.commit()
		return message

	def test_a_paid_invoice_cancelled_here_is_an_orphan_until_it_is_void(self) -> None:
		document = self.pushed()
		payment = self.in_xero("pay", document, amount=15)["payment_id"]
		self.cancel(document)
		row = self.newest(document)
		self.assertEqual((row.status, row.is_orphan, row.needs_attention), ("Failed", 1, 1))
		self.assertIn("Payment", row.message)
		self.assertIn("1 orphans", self.check())
		self.assertIn("Payment", self.newest(document).finding)
		self.in_xero("remove_payment", document, payment_id=payment)
		self.check()
		self.assertIn("Press Void in Xero", self.newest(document).finding)
		(answer,) = bulk.void(LOG, [self.newest(document).name])
		self.assertTrue(answer["done"], answer)
		frappe.db.commit()
		sync_api.push_invoice(COMPANY)
		row = self.newest(document)
		self.assertEqual((row.status, row.is_orphan, row.needs_attention), ("Voided", 0, 0))

	def test_a_document_voided_in_xero_in_the_meantime_is_recorded_as_void(self) -> None:
		document = self.pushed()
		payment = self.in_xero("pay", document, amount=15)["payment_id"]
		self.cancel(document)
		self.in_xero("remove_payment", document, payment_id=payment)
		self.in_xero("void", document)
		self.assertIn("1 now voided in Xero", self.check())
		sync_api.push_invoice(COMPANY)
		row = self.newest(document)
		self.assertEqual((row.status, row.is_orphan, row.needs_attention), ("Voided", 0, 0))

	def test_a_submitted_invoice_voided_in_xero_is_shown_and_left_alone(self) -> None:
		document, other = self.pushed(), self.pushed()
		self.in_xero("void", document)
		before = self.xero.admin.marker()
		self.assertIn("1 voided in Xero by somebody", self.check())
		row = self.newest(document)
		self.assertEqual((row.status, row.is_different, row.needs_attention), ("Success", 1, 1))
		self.assertIn("is now VOIDED", row.finding)
		self.assertEqual(self.newest(other).needs_attention, 0)
		self.assertEqual({call["method"] for call in self.xero.admin.requests(before)}, {"GET"})
		self.assertEqual(frappe.db.get_value("Sales Invoice", document.name, "docstatus"), 1)
		self.check()
		self.assertEqual(len(self.world.rows(ref_of(document))), 1)

	def test_what_somebody_changed_in_xero_is_a_finding_until_the_two_agree_again(self) -> None:
		document, paid, other = self.pushed(), self.pushed(), self.pushed()
		self.assertNotIn("changed", self.check())
		self.in_xero("rename", document, new_number="INV-77")
		self.in_xero("pay", paid, amount=15)
		before = self.xero.admin.marker()
		self.assertIn("1 changed in Xero since they were sent", self.check())
		self.assertEqual(self.xero.admin.count(before), 4)
		row = self.newest(document)
		self.assertEqual((row.status, row.is_different, row.needs_attention), ("Success", 1, 1))
		self.assertEqual(
			row.finding.partition(" Change it back")[0],
			f"Changed in Xero since it was sent: number INV-77 instead of {document.name}.",
		)
		for untouched in (paid, other):
			self.assertEqual((self.newest(untouched).is_different, self.newest(untouched).finding), (0, None))
		self.xero.admin.act(self.xero.admin.tenant("NZ"), "rename", number="INV-77", new_number=document.name)
		self.check()
		row = self.newest(document)
		self.assertEqual((row.is_different, row.needs_attention, row.finding), (0, 0, None))

	def test_a_merged_contact_is_no_change(self) -> None:
		from sandbox.xero.seed.identifiers import fixed_id

		document = self.pushed()
		admin, tenant = self.xero.admin, self.xero.admin.tenant("NZ")
		entry = admin.documents(tenant=tenant, number=document.name)[0]["wire"]
		into = fixed_id(tenant, "contact", "City Limousines")
		admin.act(tenant, "merge_contact", contact_id=entry["Contact"]["ContactID"], into=into)
		admin.act(tenant, "edit", number=document.name, reference="Touched")
		self.assertNotIn("changed", self.check())

	def test_a_row_marked_as_handled_does_not_come_back(self) -> None:
		document = self.pushed()
		self.in_xero("void", document)
		self.check()
		bulk.mark_handled([self.newest(document).name], "Agreed with the customer")
		frappe.db.commit()
		self.check()
		row = self.newest(document)
		self.assertEqual((row.is_different, row.needs_attention), (1, 0))
		self.assertEqual((row.handled_reason, row.handled_by), ("Agreed with the customer", "Administrator"))

	def test_only_the_selection_is_compared(self) -> None:
		document, other = self.pushed(), self.pushed()
		self.in_xero("void", document)
		self.in_xero("void", other)
		message = orphans.check([self.newest(document).name])["message"]
		frappe.db.commit()
		self.assertIn("1 documents compared", message)
		self.assertEqual((self.newest(document).is_different, self.newest(other).is_different), (1, 0))

	def test_a_thousand_cancelled_documents_take_at_most_twenty_calls(self) -> None:
		for kinds in (*((xero_type,) for xero_type in XeroType), tuple(XeroType)):
			with self.subTest(kinds=[xero_type.value for xero_type in kinds]):
				frappe.db.delete(LOG, {"company": COMPANY})
				for xero_type in kinds:
					self.deleted_here(xero_type, A_THOUSAND // len(kinds), first=100_000 * len(kinds))
				before = self.xero.admin.marker()
				message = self.check()
				self.assertIn(f"{A_THOUSAND} orphans", message)
				self.assertLessEqual(self.xero.admin.count(before), 20)
				self.assertEqual(frappe.db.count(LOG, {"company": COMPANY, "is_orphan": 1}), A_THOUSAND)

	def test_credit_notes_that_xero_no_longer_has_are_not_read_one_by_one(self) -> None:
		self.deleted_here(XeroType.ACCRECCREDIT, 50)
		for name, key in frappe.get_all(
			XERO_DOCUMENT, {"company": COMPANY}, ["name", "document_key"], as_list=True
		):
			frappe.db.set_value(XERO_DOCUMENT, name, "xero_id", f"none {key}")
			gone = {"xero_number": "Somebody's", "xero_id": f"none {key}"}
			frappe.db.set_value(LOG, {"name": ("like", f"{key}%")}, gone)
		before = self.xero.admin.marker()
		self.assertIn("50 now voided in Xero", self.check())
		self.assertLessEqual(self.xero.admin.count(before), 8)

	def deleted_here(self, xero_type: XeroType, count: int, first: int = 0) -> None:
		"""Documents live in Xero of which ERPNext only has the rows of the log."""
		xero = open_organisation(COMPANY)
		doctype = "Sales Invoice" if xero_type.is_sales else "Purchase Invoice"
		numbers = [f"{xero_type.value}-2026-{number:05}" for number in range(first, first + count)]
		for start in range(0, count, 50):
			bodies = [_body(xero_type, number) for number in numbers[start : start + 50]]
			for document in xero.create(xero_type, bodies, uuid.uuid4().hex):
				ref = DocumentRef(doctype, document.number)
				about = {
					"company": COMPANY,
					"xero_type": xero_type.value,
					"xero_number": document.number,
					"xero_id": document.id,
				}
				closed = {"status": Status.SUCCESS.value, "due_at": None}
				inserted = now_datetime()
				first = first_row(ref, inserted)
				add_row(first, ref, inserted, about, Operation.PUSH, Trigger.SUBMIT, **closed)
				link_by_hand(COMPANY, xero.tenant_id, key_of(first), ref, document, {})
		frappe.db.commit()


def _body(xero_type: XeroType, number: str) -> dict[str, object]:
	due = {} if xero_type.is_credit_note else {"DueDate": nowdate()}
	return due | {
		"Type": xero_type.value,
		"CreditNoteNumber" if xero_type.is_credit_note else "InvoiceNumber": number,
		"Contact": {"Name": "A Thousand Ltd"},
		"Date": nowdate(),
		"Status": "AUTHORISED",
		"LineAmountTypes": "Exclusive",
		"LineItems": [
			{
				"Description": "One",
				"Quantity": Decimal(1),
				"UnitAmount": Decimal(10),
				"AccountCode": "200" if xero_type.is_sales else "300",
				"TaxType": "NONE",
			}
		],
	}

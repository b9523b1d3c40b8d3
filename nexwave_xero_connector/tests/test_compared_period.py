"""A period is compared with Xero on demand: every change is found, nothing else, and with how many calls."""

from __future__ import annotations

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, nowdate

from nexwave_xero_connector.api import orphans
from nexwave_xero_connector.erp.connection import day_share
from nexwave_xero_connector.erp.connection.day_share import DayShare
from nexwave_xero_connector.erp.outbox import compared_period
from nexwave_xero_connector.jobs import orphan_check
from nexwave_xero_connector.jobs.digest import send_digest
from nexwave_xero_connector.sync.records import Priority
from nexwave_xero_connector.tests.books_in_xero import BooksInXero
from nexwave_xero_connector.tests.catalogue.builders import bill, item, returned, sales
from nexwave_xero_connector.tests.catalogue.company import COMPANY, LOG
from nexwave_xero_connector.tests.changes_in_xero import CHANGES, Change, arguments_of

FOREIGN = {"currency": "USD", "conversion_rate": 1.6667}


class TestComparedPeriod(BooksInXero):
	def setUp(self) -> None:
		self.addCleanup(frappe.db.commit)
		self.addCleanup(self.forget_calls)
		self.forget_calls()

	def forget_calls(self) -> None:
		frappe.cache.delete(DayShare(COMPANY, Priority.CURRENT)._key)

	def change(self, change: Change, document: Document) -> None:
		self.act(change.action, **arguments_of(change, document.name))

	def compare(self, first: str = "", last: str = "") -> str:
		message = orphans.compare_period(COMPANY, first or nowdate(), last or nowdate())["message"]
		frappe.db.commit()
		return message

	def finding(self, document: Document) -> str:
		row = frappe.db.get_value(
			LOG,
			{"reference_name": document.name, "is_latest": 1},
			["status", "is_different", "needs_attention", "finding"],
			as_dict=True,
		)
		self.assertEqual(row.status, "Success")
		self.assertEqual((row.is_different, row.needs_attention), (int(bool(row.finding)),) * 2)
		return row.finding or ""

	def drafts(self, count: int) -> list[Document]:
		return [self.submit(sales(item(100 + number))) for number in range(count)]

	def test_twelve_changes_among_sixty_documents_are_found_and_nothing_else(self) -> None:
		# A credit note that is allocated cannot be changed in Xero.
		self.addCleanup(self.world.settings, allocate_credit_notes="To the invoice they return")
		self.world.settings(allocate_credit_notes="Only as ERPNext does")
		day = add_days(nowdate(), -5)
		dated = {"set_posting_time": 1, "posting_date": day}
		invoices = [self.submit(sales(item(100 + number), item(50), **dated)) for number in range(40)]
		bills = [self.submit(bill(item(50 + number), bill_no=f"B-{number}", **dated)) for number in range(10)]
		foreign = [self.submit(sales(item(200), **FOREIGN, **dated)) for _ in range(2)]
		self.world.push()
		notes = [self.submit(returned(frappe.get_doc(document), **dated)) for document in invoices[-8:]]
		self.world.push()
		usual = [change for change in CHANGES if not change.foreign]
		changed = {
			**dict(zip(invoices, usual, strict=False)),
			**dict(zip(bills, [usual[0], usual[1], usual[3]], strict=False)),
			notes[0]: usual[0],
			foreign[0]: CHANGES[-1],
		}
		self.assertEqual(len(changed), 12)
		for document, change in changed.items():
			self.change(change, document)
		self.act("pay", number=invoices[20].name, amount=10)
		self.act("edit", number=invoices[21].name, reference="PO 9", due_date="2027-01-31")
		self.act("edit", number=invoices[22].name, description="Another text")
		before = self.world.xero.admin.marker()
		said = self.compare(day, day)
		self.assertIn("60 documents compared with Xero", said)
		calls = self.world.xero.admin.requests(before)
		self.assertEqual({call["method"] for call in calls}, {"GET"})
		self.assertLessEqual(len(calls), 10)
		for document in (*invoices, *bills, *foreign, *notes):
			with self.subTest(changed[document].what if document in changed else "unchanged"):
				if document in changed:
					self.assertIn(changed[document].found, self.finding(document))
				else:
					self.assertEqual(self.finding(document), "")
		self.assertIn("1 voided in Xero by somebody, 11 changed in Xero since they were sent", said)

	def test_only_the_period_and_it_is_read_again_if_asked_again(self) -> None:
		(today,) = self.drafts(1)
		earlier = self.submit(sales(item(100), set_posting_time=1, posting_date=add_days(nowdate(), -3)))
		self.world.push()
		for document in (today, earlier):
			self.act("rename", number=document.name, new_number=f"X-{document.name}")
		self.compare()
		self.assertIn("number X-", self.finding(today))
		self.assertEqual(self.finding(earlier), "")
		self.act("rename", number=f"X-{today.name}", new_number=today.name)
		self.compare(add_days(nowdate(), -3))
		self.assertEqual(self.finding(today), "")
		self.assertIn("number X-", self.finding(earlier))

	def test_what_a_tenth_of_the_day_is_not_enough_for_is_compared_the_next_day(self) -> None:
		documents = self.drafts(3)
		self.world.push()
		self.act("rename", number=documents[-1].name, new_number="X-1")
		part = compared_period.PART
		self.addCleanup(setattr, compared_period, "PART", part)
		compared_period.PART = 1
		share = DayShare(COMPANY, Priority.CURRENT)
		remaining = share._limiter.day()[0]
		frappe.cache.set(share._key, (day_share.CALLS_A_DAY if remaining is None else remaining) // 9 - 1)
		said = self.compare()
		self.assertRegex(said, r"[1-9]\d* more tomorrow, as a tenth of today's Xero calls has been used")
		self.assertEqual(self.finding(documents[-1]), "")
		before = self.world.xero.admin.marker()
		orphan_check.check_daily()
		self.assertEqual(self.world.xero.admin.count(before), 0)
		self.forget_calls()
		orphan_check.check_daily()
		self.assertIn("number X-1", self.finding(documents[-1]))
		self.assertEqual(compared_period.left(COMPANY), 0)

	def test_the_digest_tells_a_difference_that_comes_back(self) -> None:
		(document,) = self.drafts(1)
		self.world.push()
		row = frappe.db.get_value(LOG, {"reference_name": document.name, "is_latest": 1})
		for _time in range(2):
			self.act("rename", number=document.name, new_number="X-2")
			self.compare()
			self.assertIsNone(frappe.db.get_value(LOG, row, "notified_at"))
			send_digest()
			self.assertTrue(frappe.db.get_value(LOG, row, "notified_at"))
			self.act("rename", number="X-2", new_number=document.name)
			self.compare()

	def test_a_period_has_a_first_and_a_last_day(self) -> None:
		for first, last in (("", nowdate()), (nowdate(), add_days(nowdate(), -1))):
			with self.subTest(first=first, last=last), self.assertRaises(frappe.ValidationError):
				orphans.compare_period(COMPANY, first, last)
		self.assertEqual(compared_period.left(COMPANY), 0)

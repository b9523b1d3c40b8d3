"""The scheduled jobs and the lists ask the database as often for a hundred rows as for two, and mark them in parts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import frappe
from frappe.permissions import add_user_permission
from frappe.utils import add_to_date, now_datetime

from nexwave_xero_connector.api import backfill, invoice, orphans
from nexwave_xero_connector.erp.outbox import stuck
from nexwave_xero_connector.jobs import digest, sweep
from nexwave_xero_connector.tests.bench_world import (
	COMPANY,
	LOG,
	PARTY,
	BenchWorld,
	clear,
	in_another_session,
	new_invoice,
	ref_of,
)
from nexwave_xero_connector.tests.browser.session import make_user
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.records import make_company

MANAGER = "xero-many-rows@example.com"
ELSEWHERE = "Xero Elsewhere Ltd"
FEW, MANY = 2, 20


class TestManyRows(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(clear)
		self.addCleanup(frappe.set_user, "Administrator")
		self.world = BenchWorld()
		make_company(ELSEWHERE, "XEL")
		make_user(MANAGER, "Accounts Manager", "Accounts User", company=COMPANY)
		add_user_permission("Customer", PARTY, MANAGER, ignore_permissions=True)
		frappe.db.delete("Notification Log", {"for_user": MANAGER})
		frappe.db.commit()

	def submit(self, count: int) -> list[str]:
		names = [new_invoice().submit().name for _ in range(count)]
		frappe.db.commit()
		return names

	def set(self, **values: object) -> None:
		frappe.db.set_value(LOG, {"company": COMPANY}, values)
		frappe.db.commit()

	def statements(self, ask: Callable[[], object], rows: int) -> int:
		"""How many statements it takes, with that many rows that nobody has been told of."""
		missing = rows - frappe.db.count(LOG, {"company": COMPANY})
		self.submit(missing)
		waits = {"due_at": None, "status": "Failed", "needs_attention": 1, "notified_at": None}
		self.set(**waits)
		ask()  # metadata and permissions are cached from here on
		self.set(**waits)
		with counted_statements() as count:
			ask()
		return count()

	def test_rights_are_asked_in_sets(self) -> None:
		def as_manager(ask: Callable[[], object]) -> Callable[[], object]:
			def run() -> None:
				frappe.set_user(MANAGER)
				ask()
				frappe.set_user("Administrator")

			return run

		def rows() -> list[str]:
			return frappe.get_all(LOG, filters={"company": COMPANY}, pluck="name")

		since = add_to_date(now_datetime(), days=-1).date()
		asked = {
			"digest": digest.send_digest,
			"list": as_manager(lambda: invoice.names_by_state("Sales Invoice", "Failed")),
			"orphans": as_manager(lambda: orphans.require_rows(rows())),
			"count": as_manager(lambda: backfill.count(COMPANY, since)),
		}
		for name, ask in asked.items():
			with self.subTest(name):
				clear_log_and_documents(self)
				self.assertEqual(self.statements(ask, MANY), self.statements_of_few(ask))

	def statements_of_few(self, ask: Callable[[], object]) -> int:
		clear_log_and_documents(self)
		return self.statements(ask, FEW)

	def test_rows_are_marked_in_parts_and_none_twice(self) -> None:
		self.submit(5)
		self.set(status="Failed", due_at=None, needs_attention=1)
		with patch.object(digest, "MARK_BATCH_SIZE", 2), counted_commits() as commits:
			digest.send_digest()
		self.assertGreaterEqual(commits(), 3)
		self.assertEqual(frappe.db.count(LOG, {"company": COMPANY, "notified_at": ("is", "not set")}), 0)
		(told,) = self.told()
		self.assertIn("5 documents need attention", told)
		digest.send_digest()
		self.assertEqual(len(self.told()), 1)

	def told(self) -> list[str]:
		filters = {"for_user": MANAGER, "document_type": LOG, "subject": ("like", "%need attention%")}
		return frappe.get_all("Notification Log", filters=filters, pluck="subject")

	def test_a_digest_that_is_killed_is_told_again(self) -> None:
		"""Rather twice than never: the rows are marked after the managers were told."""
		self.submit(3)
		self.set(status="Failed", due_at=None, needs_attention=1)
		with patch.object(digest, "create_batch", side_effect=KeyboardInterrupt):
			self.assertRaises(KeyboardInterrupt, digest.send_digest)
		frappe.db.commit()
		digest.send_digest()
		self.assertEqual(len(self.told()), 2)

	def test_stuck_rows_are_marked_in_parts_around_a_row_that_somebody_holds(self) -> None:
		names = self.submit(5)
		self.set(queued_at=add_to_date(now_datetime(), hours=-2))
		held = frappe.db.get_value(LOG, {"reference_name": names[2]})
		frappe.db.commit()
		frappe.db.get_value(LOG, held, "name", for_update=True)

		def mark() -> int:
			return stuck.mark_stuck(frappe.get_doc("Xero Sync Settings", COMPANY))

		with patch.object(stuck, "BATCH_SIZE", 2):
			self.assertEqual(in_another_session(mark), 4)
			frappe.db.rollback()
			self.assertEqual(in_another_session(mark), 1)

	def test_the_daily_look_asks_for_all_companies_at_once(self) -> None:
		"""A company without missed documents costs a look at its settings, not at all documents."""
		frappe.db.set_value("Xero Sync Settings", {"company": COMPANY}, "enabled", 0)
		names = self.submit(3)
		frappe.db.set_value("Xero Sync Settings", {"company": COMPANY}, "enabled", 1)
		self.addCleanup(clear, ELSEWHERE)
		frappe.get_doc({"doctype": "Xero Sync Settings", "company": ELSEWHERE}).insert()
		frappe.db.set_value(
			"Xero Sync Settings", ELSEWHERE, {"enabled": 1, "start_date": frappe.utils.nowdate()}
		)
		frappe.db.commit()
		with statements_seen() as seen:
			sweep.look_at_everything()
		scans = [one for one in seen if "FROM `tabSales Invoice` LEFT JOIN" in one and " IN (" not in one]
		self.assertEqual(len(scans), 1, scans)
		queued = frappe.get_all(LOG, filters={"company": COMPANY}, pluck="reference_name")
		self.assertEqual(sorted(queued), sorted(names))


class TestLeftOut(IntegrationTestCase):
	"""Send Earlier Documents, pressed again."""

	def setUp(self) -> None:
		self.addCleanup(clear)
		self.world = BenchWorld()

	def press(self) -> int:
		since, after, queued = add_to_date(now_datetime(), days=-60).date(), None, 0
		while True:
			part = backfill.queue(COMPANY, since, after)
			queued, after = queued + part["queued"], part["after"]
			if not after:
				frappe.db.commit()
				return queued

	def test_the_same_reason_is_not_logged_again(self) -> None:
		documents = [
			new_invoice(rate=0).submit(),
			new_invoice("Purchase Invoice", rate=0).submit(),
			new_invoice(is_return=0, rate=0).submit(),
		]
		frappe.db.commit()
		before = [len(self.world.rows(ref_of(document))) for document in documents]
		for _ in range(3):
			self.assertEqual(self.press(), 0)
		self.assertEqual([len(self.world.rows(ref_of(document))) for document in documents], before)

	def test_another_reason_is_logged_once(self) -> None:
		document = new_invoice(rate=0).submit()
		frappe.db.set_value("Xero Sync Settings", {"company": COMPANY}, "push_sales_invoices", 0)
		frappe.db.commit()
		for _ in range(2):
			self.press()
		rows = self.world.rows(ref_of(document))
		self.assertEqual([row.status for row in rows], ["Skipped", "Skipped"])
		self.assertIn("documents of this type are disabled", rows[-1].message)

	def test_what_is_sent_now_is_queued(self) -> None:
		document = new_invoice(rate=0).submit()
		frappe.db.commit()
		self.press()
		frappe.db.set_value("Xero Sync Settings", {"company": COMPANY}, "push_zero_total", 1)
		frappe.db.commit()
		self.assertEqual((self.press(), self.press()), (1, 0))
		self.assertEqual([row.status for row in self.world.rows(ref_of(document))], ["Skipped", "Queued"])


def clear_log_and_documents(test: TestManyRows) -> None:
	frappe.set_user("Administrator")
	clear()
	test.world = BenchWorld()


@contextmanager
def statements_seen() -> Iterator[list[str]]:
	"""The statements that the database is asked for; they are carried out as usual."""
	seen: list[str] = []
	execute = frappe.db.sql

	def noting(query: str, *args: object, **kwargs: object) -> object:
		seen.append(str(query))
		return execute(query, *args, **kwargs)

	with patch.object(frappe.db, "sql", noting):
		yield seen


@contextmanager
def counted_statements() -> Iterator[Callable[[], int]]:
	with statements_seen() as seen:
		yield lambda: len(seen)


@contextmanager
def counted_commits() -> Iterator[Callable[[], int]]:
	with statements_seen() as seen:
		yield lambda: sum(one.strip().lower() == "commit" for one in seen)

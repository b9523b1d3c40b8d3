"""On a site: a row that a user holds, and a database that fails, in the middle of a batch."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from unittest.mock import patch

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.outbox import claim
from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox
from nexwave_xero_connector.erp.outbox.log import key_of
from nexwave_xero_connector.erp.outbox.xero_documents import record_name
from nexwave_xero_connector.erp.transactions import is_passing
from nexwave_xero_connector.jobs.push import push_invoice
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG, in_another_session
from nexwave_xero_connector.tests.passing_time import pass_time
from nexwave_xero_connector.tests.xero_test_case import PATIENCE_SECONDS, XeroTest

RECORD = "Xero Document"
DISK_FULL = "signal sqlstate 'HY000' set mysql_errno = 1021, message_text = 'Disk full; waiting for space'"
MINUTE = timedelta(minutes=1)


class WorkerTest(XeroTest):
	@contextmanager
	def worker_while_xero_answers(self) -> Iterator[dict[str, int]]:
		"""A worker whose create is being answered during the block; afterwards it settles its rows."""
		worker: dict[str, int] = {}

		def work() -> None:
			worker["connection"] = frappe.db.sql("select connection_id()")[0][0]
			try_to_push()

		self.admin.fault("hold_after", method="PUT", path="/invoices$")
		thread = threading.Thread(target=in_another_session, args=(work,))
		thread.start()
		try:
			self.admin.wait_for_hold(seconds=PATIENCE_SECONDS)
			yield worker
		finally:
			self.admin.release()
			self.worker = thread

	def statuses(self, documents: list) -> list[str]:
		return [self.newest(document).status for document in documents]

	def holds(self, row: str, let_go: threading.Event, then: Callable[[], None]) -> threading.Thread:
		"""A user's transaction that has locked a row of the log."""
		has_it = threading.Event()

		def act() -> None:
			frappe.db.get_value(LOG, row, "name", for_update=True)
			has_it.set()
			let_go.wait(PATIENCE_SECONDS)
			then()

		thread = threading.Thread(target=in_another_session, args=(act,))
		thread.start()
		self.assertTrue(has_it.wait(PATIENCE_SECONDS))
		return thread


class TestARowThatAUserHolds(WorkerTest):
	def test_its_neighbours_are_settled_and_it_is_settled_later(self) -> None:
		invoices = [self.submit() for _ in range(6)]
		let_go = threading.Event()
		with self.worker_while_xero_answers():
			user = self.holds(self.newest(invoices[2]).name, let_go, lambda: None)
		others = [invoice for invoice in invoices if invoice is not invoices[2]]
		self.until(lambda: set(self.statuses(others)) == {"Success"})
		self.assertEqual(self.newest(invoices[2]).status, "In Progress")
		let_go.set()
		user.join()
		self.worker.join()
		row = self.newest(invoices[2])
		self.assertEqual((row.status, row.times_claimed), ("Success", 0))

	def test_a_cancel_in_that_transaction_is_not_overlooked(self) -> None:
		invoices = [self.submit() for _ in range(3)]
		let_go = threading.Event()
		cancelled = invoices[1]
		with self.worker_while_xero_answers():
			user = self.holds(
				self.newest(cancelled).name,
				let_go,
				lambda: frappe.get_doc(cancelled.doctype, cancelled.name).cancel(),
			)
		self.until(lambda: self.newest(invoices[0]).status == "Success")
		let_go.set()
		user.join()
		self.worker.join()
		push_invoice(COMPANY)
		self.assertEqual(self.newest(cancelled).status, "Voided")
		self.assertEqual([entry["Status"] for entry in self.in_xero(cancelled)], ["VOIDED"])


class TestADatabaseThatFails(WorkerTest):
	"""In the middle of a batch: it loses nothing, and no row waits for longer than that lasts."""

	def setUp(self) -> None:
		super().setUp()
		self.invoices = [self.submit() for _ in range(3)]
		self.failures = 0
		recover = FrappeOutbox.recover

		def noted(outbox: FrappeOutbox, failures: int = 1) -> None:
			self.failures += 1
			recover(outbox, failures)

		self.enter(patch.object(FrappeOutbox, "recover", noted))

	def assert_sent_once(self) -> None:
		self.assertEqual([self.broken_promises(invoice) for invoice in self.invoices], [[]] * 3)
		rows = [self.newest(invoice) for invoice in self.invoices]
		self.assertEqual([(row.attempt, row.times_claimed) for row in rows], [(1, 0)] * 3)

	def user_holds_record(self, document: Document, act: Callable[[], None]) -> threading.Thread:
		"""A transaction that has locked what is known of the document's copy in Xero, and then acts."""
		record = record_name(self.tenant, key_of(self.newest(document).name))
		has_it = threading.Event()

		def hold() -> None:
			frappe.db.get_value(RECORD, record, "name", for_update=True)
			has_it.set()
			act()

		thread = threading.Thread(target=in_another_session, args=(hold,))
		thread.start()
		self.assertTrue(has_it.wait(PATIENCE_SECONDS))
		return thread

	def waits_for_record(self, worker: dict[str, int]) -> bool:
		statement = (
			"select 1 from information_schema.processlist where id = %s and time_ms > 200 and info like %s"
		)
		return bool(frappe.db.sql(statement, (worker["connection"], f"%{RECORD}%")))

	def deadlocks(self) -> int:
		return int(frappe.db.sql("show global status like 'Innodb_deadlocks'")[0][1])

	def test_a_deadlock(self) -> None:
		row = self.newest(self.invoices[1]).name
		worker_waits, has_both, let_go = (threading.Event() for _ in range(3))

		def act() -> None:
			# InnoDB rolls back the transaction that has changed less: the worker's.
			frappe.db.sql(
				"insert into tabSeries select concat('DEADLOCK-', name), 0 from tabDocField limit 500"
			)
			worker_waits.wait(PATIENCE_SECONDS)
			frappe.db.get_value(LOG, row, "name", for_update=True)
			has_both.set()
			let_go.wait(PATIENCE_SECONDS)
			frappe.db.rollback()

		before = self.deadlocks()
		with self.worker_while_xero_answers() as worker:
			user = self.user_holds_record(self.invoices[1], act)
		self.until(lambda: self.waits_for_record(worker))
		worker_waits.set()
		self.assertTrue(has_both.wait(PATIENCE_SECONDS), "the user is not the one who is rolled back")
		self.assertGreater(self.deadlocks(), before)
		others = [self.invoices[0], self.invoices[2]]
		self.until(lambda: self.statuses(others) == ["Success"] * 2)
		let_go.set()
		user.join()
		self.worker.join()
		self.assertEqual(self.failures, 1)
		self.assert_sent_once()

	def test_a_connection_lost_while_the_outcome_is_written(self) -> None:
		let_go = threading.Event()
		with self.worker_while_xero_answers() as worker:
			user = self.user_holds_record(self.invoices[1], lambda: let_go.wait(PATIENCE_SECONDS))
		self.until(lambda: self.waits_for_record(worker))
		frappe.db.sql(f"kill {worker['connection']}")
		let_go.set()
		user.join()
		self.worker.join()
		self.assertEqual(self.failures, 1)
		self.assert_sent_once()

	def test_a_worker_that_loses_its_database_connection_gives_its_rows_back_at_once(self) -> None:
		with self.worker_while_xero_answers() as worker:
			frappe.db.sql(f"kill {worker['connection']}")
		self.worker.join()
		self.assertEqual(self.statuses(self.invoices), ["Queued"] * 3, "not held until the lease ends")
		self.assertLess(
			max(self.newest(invoice).due_at for invoice in self.invoices), clock.utc_now() + MINUTE
		)
		pass_time(MINUTE, self.admin)
		push_invoice(COMPANY)
		self.assert_sent_once()

	@contextmanager
	def nothing_fits(self, error: str) -> Iterator[None]:
		"""No outcome of ours can be written, for want of space."""
		frappe.db.sql_ddl(
			f"create trigger xero_log_is_full before update on `tab{LOG}` for each row"
			f" if new.status not in ('Queued', 'In Progress') then {error}; end if"
		)
		try:
			yield
		finally:
			frappe.db.sql_ddl("drop trigger xero_log_is_full")

	def full_table(self) -> str:
		"""A table that has no room for another row; returns a statement that tries to insert one."""
		insert = "insert into xero_full values (repeat('x', 250))"
		frappe.db.sql("set max_heap_table_size = 16384")
		frappe.db.sql_ddl("create table xero_full (filler char(250)) engine = memory")
		frappe.db.sql("set max_heap_table_size = default")
		self.addCleanup(frappe.db.sql_ddl, "drop table xero_full")
		with self.assertRaises(frappe.db.OperationalError) as full:
			while True:
				frappe.db.sql(insert)
		self.assertEqual(full.exception.args[0], 1114)
		return insert

	def a_full_disk_that_is_soon_cleared(self, error: str) -> None:
		with self.worker_while_xero_answers():
			full = self.enter_until_left(self.nothing_fits(error))
		self.until(lambda: self.failures >= 5)
		full.close()
		self.worker.join()
		self.assert_sent_once()

	def test_a_full_disk(self) -> None:
		self.a_full_disk_that_is_soon_cleared(DISK_FULL)

	def test_a_full_table(self) -> None:
		self.a_full_disk_that_is_soon_cleared(self.full_table())

	def test_a_disk_that_stays_full_for_hours(self) -> None:
		self.enter(patch.object(claim, "LONGEST_RECOVERY_SECONDS", 0))
		with self.worker_while_xero_answers():
			full = self.enter_until_left(self.nothing_fits(DISK_FULL))
		self.worker.join()
		for _ in range(10):
			pass_time(timedelta(minutes=10), self.admin)
			in_another_session(try_to_push)
		self.assertEqual(
			{row.status for row in map(self.newest, self.invoices)} - {"Queued", "In Progress"}, set()
		)
		full.close()
		pass_time(timedelta(minutes=10), self.admin)
		self.follow_up(lambda: push_invoice(COMPANY), *self.invoices)
		self.assert_sent_once()

	def enter_until_left(self, context: AbstractContextManager[None]) -> ExitStack:
		"""Enter a context that the test leaves, at the latest when it ends."""
		stack = self.enter(ExitStack())
		stack.enter_context(context)
		return stack

	def test_what_passes_is_known_from_what_does_not(self) -> None:
		with self.assertRaises(Exception) as missing:
			frappe.db.sql("select nothing_of_this_name from `tabXero Sync Log`")
		self.assertFalse(is_passing(missing.exception))
		self.assertTrue(is_passing(frappe.QueryDeadlockError(1213, "Deadlock found")))


def try_to_push() -> None:
	try:
		push_invoice(COMPANY)
	except Exception as failure:
		frappe.logger("xero").info(f"The job failed, as its database did: {failure!r}")

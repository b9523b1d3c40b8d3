"""A real worker's job killed by SIGKILL at every numbered step, on the bench's database, against the Xero sandbox.

One job runs to its end, which gives the number of steps. Then a job is killed at each of them, each time with a new
document. Whatever it leaves behind, the promises hold once nothing is due. XERO_CELL: see matrix.py.
"""

from collections.abc import Callable

import frappe
from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return

from nexwave_xero_connector.tests.killed_worker import KilledWorkerTest
from nexwave_xero_connector.tests.matrix import chosen_cell

MIN_STEPS = 20


class TestCrashPoints(KilledWorkerTest):
	cell = chosen_cell()

	def setUp(self) -> None:
		super().setUp()
		# Create the party's contact here, so that all runs take the same steps.
		for doctype in ("Sales Invoice", "Purchase Invoice"):
			self.in_full(lambda doctype=doctype: self.submit(doctype, bill_no="B-1"))

	def in_full(self, begin: Callable):
		"""Do what wakes the worker, and let its job run to its end."""
		document = begin()
		self.wait_for_job()
		return document

	def kill_at_every_step(
		self, begin: Callable[[], Callable], meanwhile=lambda document: None, **promised
	) -> None:
		"""`begin` prepares and returns a function, which wakes the worker to be killed and returns the document."""
		for run in self.killed_at_every_step(MIN_STEPS):
			act = begin()
			with run.is_fatal():
				document = act()
				self.wait_for_job()
			meanwhile(document)
			self.follow_up(self.enqueue_and_wait, document)
			self.assertEqual(self.broken_promises(document, **promised), [], run)

	def push_of_a_bill(self) -> Callable:
		return lambda: self.submit("Purchase Invoice", bill_no="B-1")

	def test_push_of_a_bill(self) -> None:
		self.kill_at_every_step(self.push_of_a_bill)

	def test_push_of_a_bill_that_is_cancelled_while_the_worker_is_dead(self) -> None:
		def cancel(document) -> None:
			document.reload().cancel()
			frappe.db.commit()

		self.kill_at_every_step(self.push_of_a_bill, cancel)

	def test_allocation_of_a_credit_note(self) -> None:
		def begin() -> Callable:
			invoice = self.in_full(self.submit)

			def act():
				credit_note = make_sales_return(invoice.name)
				credit_note.update_outstanding_for_self = int(not self.cell.allocates_always)
				credit_note.insert().submit()
				frappe.db.commit()
				return credit_note

			return act

		is_allocated = self.cell.is_approved and self.cell.allocates_always
		self.kill_at_every_step(begin, allocated=100.0 if is_allocated else 0.0)

	def test_void_of_a_bill(self) -> None:
		def begin() -> Callable:
			bill = self.in_full(self.push_of_a_bill())

			def act():
				bill.reload().cancel()
				frappe.db.commit()
				return bill

			return act

		self.kill_at_every_step(begin)

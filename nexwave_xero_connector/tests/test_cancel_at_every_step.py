"""A colleague's Cancel, on its own connection, at every step of a push, and while Xero is processing the create.

Nothing has to be waited for: as soon as the worker and the job that the Cancel queued have ended, Xero's copy is gone.
"""

import threading
from collections.abc import Callable

import frappe

from nexwave_xero_connector.api import sync
from nexwave_xero_connector.jobs import push
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, LOG, in_another_session, new_invoice
from nexwave_xero_connector.tests.stepping import Stepping, SteppingOutbox, Steps
from nexwave_xero_connector.tests.xero_test_case import PATIENCE_SECONDS, XeroTest

MIN_STEPS = 20
LOCKED_OUT_SECONDS = 0.15
"""A Cancel that takes longer waits for the row that the worker has locked, so the worker has to go on."""


class Colleague(threading.Thread):
	"""Another user, who does one thing in their own session at the moment that a test chooses."""

	def __init__(self, act: Callable[[], None]) -> None:
		super().__init__()
		self._act = act
		self.failure: Exception | None = None

	def run(self) -> None:
		try:
			self._act()
		except Exception as failure:
			self.failure = failure

	def acts(self) -> None:
		self.start()
		self.join(LOCKED_OUT_SECONDS)

	def has_acted(self) -> None:
		self.join(PATIENCE_SECONDS)
		if self.failure:
			raise self.failure


class TestCancelAtEveryStep(XeroTest):
	def setUp(self) -> None:
		super().setUp()
		self.sees_steps(Steps(lambda number, what: None))
		# Create the parties' contacts here, so that all pushes take the same steps.
		for doctype in ("Sales Invoice", "Purchase Invoice"):
			document = self.submit(doctype, bill_no="B-1")
			sync.push_invoice(COMPANY)
			self.assertEqual(self.newest(document).status, "Success", self.newest(document).message)

	def sees_steps(self, steps: Steps) -> None:
		"""Make this session the worker that takes the steps."""
		for name in ("FrappeOutbox", "FrappeDocuments", "open_organisation"):
			original = getattr(self, f"original_{name}", None) or getattr(push, name)
			setattr(self, f"original_{name}", original)
			self.addCleanup(setattr, push, name, original)
		push.FrappeOutbox = lambda **only: SteppingOutbox(self.original_FrappeOutbox(**only), steps)
		push.FrappeDocuments = lambda tenant_id: Stepping(
			self.original_FrappeDocuments(tenant_id), steps, "documents"
		)
		push.open_organisation = lambda *of: Stepping(self.original_open_organisation(*of), steps, "xero")

	def cancelled(self, document, then=lambda document: None) -> Callable[[], None]:
		def act() -> None:
			cancelled = frappe.get_doc(document.doctype, document.name)
			cancelled.cancel()
			frappe.db.commit()
			then(cancelled)

		# Created here, because a new thread has neither a site nor the queue of this one.
		return lambda: in_another_session(act)

	def at_every_step(
		self,
		doctype: str,
		colleague: Callable,
		check: Callable = lambda document, at: None,
		keeps_its_name: bool = True,
	) -> None:
		self.submit(doctype, bill_no="B-1")
		calm = self.work(Steps(lambda number, what: None))
		self.assertGreater(len(calm), MIN_STEPS, "the steps are not counted")
		for number, what in enumerate(calm, start=1):
			document = self.submit(doctype, bill_no="B-1")
			session = Colleague(colleague(document))

			def happens(at: int, _what: str, number: int = number, session: Colleague = session) -> None:
				if at == number:
					session.acts()

			taken = self.work(Steps(happens))
			self.assertEqual(taken[:number], calm[:number], "the steps are not the same each time")
			session.has_acted()
			self.work(Steps(lambda number, what: None))
			if keeps_its_name:
				self.assertEqual(self.broken_promises(document), [], f"at step {number}, {what}")
			check(document, f"at step {number}, {what}")
		print(f"{len(calm)} steps of a push of {doctype}, each met by a colleague")

	def work(self, steps: Steps) -> list[str]:
		"""Run a job in this session; its steps."""
		self.sees_steps(steps)
		sync.push_invoice(COMPANY)
		return steps.taken

	def test_cancel_of_an_invoice(self) -> None:
		self.at_every_step("Sales Invoice", self.cancelled)

	def test_cancel_of_a_bill(self) -> None:
		self.at_every_step("Purchase Invoice", self.cancelled)

	def test_cancel_and_amend(self) -> None:
		amended = {}

		def amend(cancelled) -> None:
			amendment = frappe.copy_doc(cancelled)
			amendment.amended_from = cancelled.name
			amendment.docstatus = 0
			amendment.insert().submit()
			amended[cancelled.name] = amendment

		def check(document, at: str) -> None:
			amendment = amended[document.name]
			self.assertEqual(amendment.name, f"{document.name}-1")
			self.assertEqual(self.broken_promises(amendment), [], f"the amendment, {at}")

		self.at_every_step("Sales Invoice", lambda document: self.cancelled(document, amend), check)

	def test_cancel_and_delete(self) -> None:
		def delete(cancelled) -> None:
			new_invoice()  # otherwise ERPNext gives the deleted one's name to the next
			# As Accounts Settings do where they allow deleting a document with ledger entries.
			for ledger in ("GL Entry", "Payment Ledger Entry"):
				frappe.db.delete(ledger, {"voucher_no": cancelled.name})
			frappe.delete_doc(cancelled.doctype, cancelled.name)

		def check(document, at: str) -> None:
			self.assertFalse(frappe.db.exists(document.doctype, document.name), at)
			self.assertTrue(frappe.db.exists(LOG, {"reference_name": document.name}), at)

		self.at_every_step("Sales Invoice", lambda document: self.cancelled(document, delete), check)

	def test_rename_and_the_name_given_to_another(self) -> None:
		"""A bill is renamed while a worker has it, and another bill, cancelled in the end, gets its name."""

		def renamed(document) -> Callable[[], None]:
			doctype, name = document.doctype, document.name

			def act() -> None:
				frappe.rename_doc(doctype, name, f"{name}-R", force=True, show_alert=False)
				frappe.db.commit()
				heir = new_invoice(doctype, item_tax_template=f"No GST - {ABBR}", rate=70)
				frappe.rename_doc(doctype, heir.name, name, force=True, show_alert=False)
				frappe.get_doc(doctype, name).submit()
				frappe.db.commit()

			return lambda: in_another_session(act)

		def check(document, at: str) -> None:
			first, heir = (
				frappe.get_doc(document.doctype, name) for name in (f"{document.name}-R", document.name)
			)
			rows = [self.newest(first), self.newest(heir)]
			self.assertEqual(
				[row.status for row in rows], ["Success"] * 2, (at, [row.message for row in rows])
			)
			heir.cancel()
			self.work(Steps(lambda number, what: None))
			there = [self.admin.document(row.xero_id)["wire"] for row in rows]
			self.assertEqual([wire["Total"] for wire in there], [100, 70], at)
			self.assertEqual([wire["Status"] for wire in there], ["AUTHORISED", "VOIDED"], at)
			self.assertEqual(self.newest(first).status, "Success", at)
			live = [row for row in self.admin.documents(tenant=self.tenant) if row["status"] == "AUTHORISED"]
			own = [row for row in live if row["number"].startswith(document.name)]
			self.assertEqual([row["id"] for row in own], [rows[0].xero_id], at)

		self.at_every_step("Purchase Invoice", renamed, check, keeps_its_name=False)

	def test_cancel_while_xero_works_on_the_create(self) -> None:
		for fault in ("hold_before", "hold_after"):
			for doctype in ("Sales Invoice", "Purchase Invoice"):
				with self.subTest(fault=fault, doctype=doctype):
					self.cancel_in_flight(fault, doctype)

	def cancel_in_flight(self, fault: str, doctype: str) -> None:
		self.admin.fault(fault, method="PUT", path="/Invoices$")
		document = self.submit(doctype, bill_no="B-1")
		cancel = self.cancelled(document)

		def when_it_is_held() -> None:
			try:
				self.admin.wait_for_hold(seconds=PATIENCE_SECONDS)
				cancel()
			finally:
				self.admin.release()

		colleague = Colleague(when_it_is_held)
		colleague.start()
		sync.push_invoice(COMPANY)
		colleague.has_acted()
		sync.push_invoice(COMPANY)
		self.assertEqual(self.broken_promises(document), [])
		self.assertEqual([entry["Status"] for entry in self.in_xero(document)], ["VOIDED"])

"""A test case on the bench with a Xero sandbox behind it, a queue of its own, and the five promises as a check."""

from __future__ import annotations

import importlib.util
import time
import unittest
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from typing import TypeVar

import frappe
from frappe.model.document import Document
from frappe.utils.background_jobs import get_redis_conn
from rq.exceptions import NoSuchJobError
from rq.job import Job

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.connection.tokens import store_token
from nexwave_xero_connector.erp.outbox.log import key_of
from nexwave_xero_connector.erp.worker import enqueue_worker
from nexwave_xero_connector.sync.identity import key_in
from nexwave_xero_connector.tests.bench_sandbox import point_site_at_sandbox
from nexwave_xero_connector.tests.bench_worker import running_redis
from nexwave_xero_connector.tests.bench_world import (
	ABBR,
	COMPANY,
	LOG,
	BenchWorld,
	clear,
	make_tax_template,
	new_invoice,
	ref_of,
)
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.matrix import Cell
from nexwave_xero_connector.tests.passing_time import pass_time
from nexwave_xero_connector.tests.records import make_account, make_tax_rate

T = TypeVar("T")
# Only a connector that loses work makes a test wait this long.
PATIENCE_SECONDS = 60
NEEDED = [name for name in ("aiohttp", "simplejson") if not importlib.util.find_spec(name)]
MOMENT = timedelta(seconds=1)
MAX_WAIT = timedelta(minutes=30)
"""Enough for two leases, the window for late writes and a retry's delay."""


@unittest.skipIf(NEEDED, f"the Xero sandbox needs: pip install {' '.join(NEEDED)}")
class XeroTest(IntegrationTestCase):
	cell = Cell()
	"""The settings that identity and state depend on: see matrix.py."""

	def setUp(self) -> None:
		self.addCleanup(clear)
		self.xero = point_site_at_sandbox(self)
		self.admin = self.xero.admin
		self.queue = self.enter(running_redis())
		self.world = BenchWorld(sees_queue=True)
		self.tenant = self.admin.tenant("NZ")
		self.connect()

	def enter(self, context: AbstractContextManager[T]) -> T:
		value = context.__enter__()
		self.addCleanup(context.__exit__, None, None, None)
		return value

	def connect(self) -> None:
		"""Accounts, a tax rate and a token, as the settings and the consent would leave them."""
		settings = frappe.get_doc("Xero Sync Settings", COMPANY)
		purchases = {"account_class": "EXPENSE", "account_type": "DIRECTCOSTS"}
		rounding = {"account_class": "LIABILITY", "account_type": "CURRLIAB"}
		settings.update(
			{
				"tenant_id": self.tenant,
				"base_currency": "NZD",
				"default_sales_account": make_account(COMPANY, "200"),
				"default_purchase_account": make_account(COMPANY, "300", **purchases),
				"rounding_account": make_account(COMPANY, "860", **rounding),
				**self.cell.settings(),
			}
		)
		no_gst = {"effective_rate": 0, "can_apply_to_revenue": 1, "can_apply_to_expenses": 1}
		settings.append(
			"tax_mapping",
			{
				"template_type": "Item Tax Template",
				"template": make_tax_template(),
				"xero_tax_rate": make_tax_rate(COMPANY, "NONE", tax_rate_name="No GST", **no_gst),
			},
		)
		settings.save()
		self.consent()

	def consent(self) -> None:
		from nexwave_xero_connector.xero_api.oauth import Token

		minted = self.admin.mint(self.tenant)
		expires_at = datetime.now(timezone.utc) + timedelta(seconds=minted["expires_in"])
		token = Token(minted["access_token"], minted["refresh_token"], expires_at, minted["scope"])
		frappe.db.commit()  # with MariaDB's snapshot isolation, what has changed since is not written to
		store_token(frappe.db.get_value("Xero Connection", {"company": COMPANY}), token)
		frappe.db.commit()

	def submit(self, *args: object, **values: object) -> Document:
		document = new_invoice(*args, item_tax_template=f"No GST - {ABBR}", **values).submit()
		frappe.db.commit()
		return document

	def newest(self, document: Document) -> frappe._dict:
		return self.world.rows(ref_of(document))[-1]

	def in_xero(self, document: Document) -> list[dict]:
		"""What Xero has under the document's number, without bills that have another document's link."""
		bill_no, is_return = document.get("bill_no"), bool(document.is_return)
		number = self.cell.number(document.doctype, document.name, bill_no, is_return)
		found = [row["wire"] for row in self.admin.documents(tenant=self.tenant, number=number)]
		if number == document.name:
			return found
		key = key_of(self.newest(document).name)
		return [wire for wire in found if key_in(wire.get("Url", "")) in ("", key)]

	def until(self, is_so: Callable[[], object]) -> None:
		end = time.monotonic() + PATIENCE_SECONDS
		while not is_so():
			self.assertLess(time.monotonic(), end)
			time.sleep(0.05)

	def wait_for_job(self) -> None:
		"""Wait until the job that was queued last for the company has finished or died."""
		redis = get_redis_conn()
		job_id = redis.get(f"rq:nexwave_xero_connector:{frappe.local.site}:{COMPANY}").decode()
		end = time.monotonic() + PATIENCE_SECONDS
		while time.monotonic() < end:
			try:
				status = Job.fetch(job_id, connection=redis).get_status()
			except NoSuchJobError:
				return
			if status in ("finished", "failed"):
				return
			time.sleep(0.01)
		self.fail("The job did not end")

	def follow_up(self, work: Callable[[], None], *documents: Document) -> None:
		"""Let a worker run whenever something is due, until no row of the documents is open."""
		waited = timedelta()
		while True:
			work()
			frappe.db.rollback()
			rows = [self.newest(document) for document in documents]
			due = [row.due_at for row in rows if row.due_at]
			if not due:
				return
			self.assertLess(waited, MAX_WAIT, rows)
			paused = clock.from_column(frappe.db.get_value("Xero Connection", COMPANY, "paused_until"))
			now = clock.utc_now()
			step = max(min(due), paused or now, now) - now + MOMENT
			pass_time(step, self.admin)
			waited += step

	def enqueue_and_wait(self) -> None:
		enqueue_worker(COMPANY)
		self.wait_for_job()

	def broken_promises(self, document: Document, allocated: float | None = None) -> list[str]:
		"""The promises broken for a document at rest. `allocated`: how much of it must be, if it is a credit note."""
		row = self.newest(document)
		found = self.in_xero(document)
		live = [entry for entry in found if entry["Status"] not in ("VOIDED", "DELETED")]
		expected = [allocated] if allocated else []
		broken = []
		if len(live) > 1:
			broken.append(f"No duplicate: {len(live)} live documents")
		if frappe.db.get_value(document.doctype, document.name, "docstatus") != 1:
			if live:
				broken.append("No ghost: cancelled, and live in Xero")
			if row.status != ("Voided" if found else "Skipped"):
				broken.append(f"No lie: {row.status}, and Xero has {[entry['Status'] for entry in found]}")
		else:
			if not live:
				broken.append(f"No loss: submitted, {row.status}, and not in Xero")
			if row.status != "Success" or row.xero_id not in [_id(entry) for entry in live]:
				broken.append(f"No lie: {row.status} {row.xero_id}: {row.message}")
			if allocated is not None and [_allocated(entry) for entry in live] != [expected]:
				broken.append(f"No duplicate: allocated {[_allocated(entry) for entry in live]}")
		if row.due_at:
			broken.append("No loss: it waits forever")
		others = frappe.get_all(
			LOG, filters={"reference_name": document.name, "is_latest": 0, "due_at": ("is", "set")}
		)
		return [*broken, *(f"No loss: {other.name} is open and not the newest" for other in others)]


def _id(entry: dict) -> str:
	return entry.get("InvoiceID") or entry["CreditNoteID"]


def _allocated(entry: dict) -> list[float]:
	return [float(allocation["Amount"]) for allocation in entry.get("Allocations", [])]

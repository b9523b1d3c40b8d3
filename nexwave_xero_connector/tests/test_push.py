"""From Submit to Xero and back: real workers, a real queue, and the Xero sandbox over HTTP."""

import importlib.util
import os
import random
import signal
import time
import unittest
from datetime import datetime, timedelta, timezone

import frappe
from erpnext.accounts.doctype.purchase_invoice.purchase_invoice import make_debit_note
from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return

from nexwave_xero_connector.api import sync
from nexwave_xero_connector.erp.connection.tokens import fresh_token, store_token
from nexwave_xero_connector.jobs import sweep
from nexwave_xero_connector.tests.bench_sandbox import point_site_at_sandbox
from nexwave_xero_connector.tests.bench_worker import running_redis, running_worker
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
from nexwave_xero_connector.tests.records import make_account, make_tax_rate

# Only a connector that loses work ever takes this long.
PATIENCE_SECONDS = 60


NEEDED = [name for name in ("aiohttp", "simplejson") if not importlib.util.find_spec(name)]


@unittest.skipIf(NEEDED, f"the Xero sandbox needs: pip install {' '.join(NEEDED)}")
class TestPush(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(clear)
		self.xero = point_site_at_sandbox(self)
		self.queue = self.enter(running_redis())
		self.world = BenchWorld(sees_queue=True)
		self.connect()

	def enter(self, context):
		value = context.__enter__()
		self.addCleanup(context.__exit__, None, None, None)
		return value

	def connect(self) -> None:
		from nexwave_xero_connector.xero_api.oauth import Token

		admin = self.xero.admin
		tenant = admin.tenant("NZ")
		minted = admin.mint(tenant, expires_in=1800)
		sales = make_account(COMPANY, "200")
		purchases = make_account(COMPANY, "300", account_class="EXPENSE", account_type="DIRECTCOSTS")
		rounding = make_account(COMPANY, "860", account_class="LIABILITY", account_type="CURRLIAB")
		no_gst = make_tax_rate(
			COMPANY,
			"NONE",
			tax_rate_name="No GST",
			effective_rate=0,
			can_apply_to_revenue=1,
			can_apply_to_expenses=1,
		)
		settings = frappe.get_doc("Xero Sync Settings", COMPANY)
		settings.update(
			{
				"tenant_id": tenant,
				"base_currency": "NZD",
				"default_sales_account": sales,
				"default_purchase_account": purchases,
				"rounding_account": rounding,
			}
		)
		settings.append(
			"tax_mapping",
			{"template_type": "Item Tax Template", "template": make_tax_template(), "xero_tax_rate": no_gst},
		)
		settings.save()
		expires_at = datetime.now(timezone.utc) + timedelta(minutes=30)
		token = Token(minted["access_token"], minted["refresh_token"], expires_at, minted["scope"])
		store_token(frappe.db.get_value("Xero Connection", {"company": COMPANY}), token)
		frappe.db.commit()

	def in_xero(self, document) -> list[tuple[str, str]]:
		return [
			(row["wire"]["Type"], row["wire"]["Status"])
			for row in self.xero.admin.documents(number=document.name)
		]

	def wait_until_quiet(self) -> None:
		end = time.monotonic() + PATIENCE_SECONDS
		while time.monotonic() < end:
			frappe.db.rollback()
			if not frappe.db.count(LOG, {"company": COMPANY, "due_at": ("is", "set")}):
				return
			time.sleep(0.1)
		self.fail(
			frappe.get_all(LOG, filters={"company": COMPANY}, fields=["reference_name", "status", "message"])
		)

	def newest(self, document) -> frappe._dict:
		return self.world.rows(ref_of(document))[-1]

	def submit(self, *args: object, **values: object):
		document = new_invoice(*args, item_tax_template=f"No GST - {ABBR}", **values).submit()
		frappe.db.commit()
		return document

	def test_each_kind_reaches_xero_and_a_cancel_voids_it(self) -> None:
		with running_worker(self.queue):
			invoice, bill = self.submit(), self.submit("Purchase Invoice", bill_no="B-1")
			credit_note = self.submit_return(make_sales_return(invoice.name))
			debit_note = self.submit_return(make_debit_note(bill.name))
			self.wait_until_quiet()
			kinds = {
				invoice: "ACCREC",
				credit_note: "ACCRECCREDIT",
				bill: "ACCPAY",
				debit_note: "ACCPAYCREDIT",
			}
			for document, kind in kinds.items():
				row = self.newest(document)
				self.assertEqual((row.status, row.xero_type), ("Success", kind), row.message)
				self.assertEqual([live for live, _status in self.in_xero(document)], [kind])
			for document in (credit_note, invoice, debit_note, bill):
				document.reload().cancel()
				frappe.db.commit()
			self.wait_until_quiet()
		for document, kind in kinds.items():
			self.assertEqual(self.newest(document).status, "Voided", self.newest(document).message)
			self.assertEqual(self.in_xero(document), [(kind, "VOIDED")])

	def submit_return(self, document):
		document.insert().submit()
		frappe.db.commit()
		return document

	def test_no_row_is_left_waiting_whenever_it_is_committed(self) -> None:
		"""Jobs end and start all the time while rows are added; each must be claimed without the sweep's help."""
		pause = random.Random(7)
		with running_worker(self.queue), running_worker(self.queue):
			for _ in range(12):
				self.submit()
				time.sleep(pause.uniform(0, 0.6))
			self.wait_until_quiet()
		statuses = frappe.get_all(LOG, filters={"company": COMPANY}, pluck="status")
		self.assertEqual(statuses, ["Success"] * 12)

	def test_the_sweep_finds_what_redis_has_lost(self) -> None:
		import redis

		document = self.submit()
		redis.Redis.from_url(self.queue).flushall()
		with running_worker(self.queue):
			sweep.sweep()
			self.wait_until_quiet()
		self.assertEqual(self.newest(document).status, "Success")

	def test_one_document_can_be_sent_in_this_process(self) -> None:
		first, second = self.submit(), self.submit()
		sync.push_invoice(COMPANY, second.doctype, second.name)
		self.assertEqual((self.newest(first).status, self.newest(second).status), ("Queued", "Success"))

	def test_a_token_that_expires_soon_is_renewed_once(self) -> None:
		name = frappe.db.get_value("Xero Connection", {"company": COMPANY})
		frappe.db.set_value(
			"Xero Connection", name, "expires_at", datetime.now(timezone.utc).replace(tzinfo=None)
		)
		frappe.db.commit()
		before = self.xero.admin.marker()
		first = fresh_token(COMPANY)
		tokens = [self.world.session(lambda _ports: fresh_token(COMPANY)) for _ in range(2)]
		self.assertEqual({token.access_token for token in tokens}, {first.access_token})
		self.assertEqual(self.xero.admin.count(before, path="/connect/token"), 1)

	def test_a_lost_connection_pauses_the_company_and_loses_nothing(self) -> None:
		document = self.submit()
		name = frappe.db.get_value("Xero Connection", {"company": COMPANY})
		frappe.db.set_value("Xero Connection", name, "expires_at", datetime(2026, 1, 1))
		frappe.db.commit()
		self.xero.admin.reset()
		sync.push_invoice(COMPANY)
		connection = frappe.get_doc("Xero Connection", name)
		self.assertEqual(connection.state, "Reconnect needed")
		self.assertIn("Connect", connection.pause_reason)
		self.assertEqual(self.newest(document).status, "Queued")

	def test_another_worker_continues_after_one_is_killed_in_the_middle(self) -> None:
		self.xero.admin.fault("latency_after", method="PUT", path="/Invoices", count=1, seconds=30)
		document = self.submit()
		with running_worker(self.queue) as worker:
			end = time.monotonic() + PATIENCE_SECONDS
			while not self.in_xero(document) and time.monotonic() < end:
				time.sleep(0.05)
			os.killpg(worker.pid, signal.SIGKILL)
		self.assertEqual(self.newest(document).status, "In Progress")
		frappe.db.set_value(LOG, self.newest(document).name, "due_at", datetime(2026, 1, 1))
		frappe.db.commit()
		with running_worker(self.queue):
			sweep.sweep()
			self.wait_until_quiet()
		self.assertEqual(self.newest(document).status, "Success", self.newest(document).message)
		self.assertEqual(len(self.in_xero(document)), 1)

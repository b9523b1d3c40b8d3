"""A company that sends to the Xero sandbox, its users, and the desk they work in."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import frappe
from frappe.model.document import Document
from frappe.utils import add_to_date, now_datetime

from nexwave_xero_connector.erp.connection.tokens import store_token
from nexwave_xero_connector.erp.outbox.log import add_row, first_row
from nexwave_xero_connector.jobs import sweep
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.records import Operation, Status, Trigger
from nexwave_xero_connector.tests.bench_sandbox import new_sandbox, site_config
from nexwave_xero_connector.tests.bench_worker import running_redis, running_worker
from nexwave_xero_connector.tests.bench_world import (
	ABBR,
	COMPANY,
	LOG,
	PARTY,
	BenchWorld,
	clear,
	make_tax_account,
	make_tax_template,
	new_invoice,
	ref_of,
)
from nexwave_xero_connector.tests.browser import session
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.records import make_account, make_company, make_tax_rate

if TYPE_CHECKING:
	from playwright.sync_api import Locator, Page

XERO_URLS = ("xero_api_url", "xero_identity_url", "xero_login_url")
ELSEWHERE = "Xero Elsewhere Ltd"
PATIENCE_SECONDS = 60
CLERK = "hana.clarke@example.com"
MANAGER = "aroha.ngata@example.com"
STRANGER = "peter.moss@example.com"
NOBODY = "sam.reid@example.com"
NO_GST, GST = "No GST", "GST 15%"
PHONE = {"width": 390, "height": 844}


def missing() -> str:
	"""What these tests need that is missing here, or ""."""
	packages = [name for name in ("aiohttp", "simplejson") if not importlib.util.find_spec(name)]
	return session.missing() or (f"pip install {' '.join(packages)}" if packages else "")


class DeskTest(IntegrationTestCase):
	"""Sandbox, queue, desk and browser run once per class; each test starts its own worker."""

	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		stack = ExitStack()
		cls.addClassCleanup(stack.close)
		stack.callback(clear)
		cls.xero = new_sandbox()
		stack.enter_context(site_config(dict.fromkeys(XERO_URLS, cls.xero.url)))
		cls.queue = stack.enter_context(running_redis())
		# Rows that a killed run has left for another company would be counted on the cards, and sent.
		for company in frappe.get_all(LOG, pluck="company", distinct=True):
			clear(company)
		BenchWorld(sees_queue=True)
		make_company(ELSEWHERE, "XEL")
		session.make_user(CLERK, "Accounts User")
		session.make_user(MANAGER, "Accounts User", "Accounts Manager", "System Manager")
		session.make_user(STRANGER, "Accounts User", "Accounts Manager", company=ELSEWHERE)
		session.make_user(NOBODY, "Sales User")
		cls.url = stack.enter_context(session.running_desk(cls.queue))
		cls.browser = stack.enter_context(session.running_browser())

	def setUp(self) -> None:
		self.xero = new_sandbox()
		self.world = BenchWorld(sees_queue=True)
		frappe.db.delete("Notification Log", {"document_type": LOG})
		forget_filters()
		connect(self.xero.admin)

	def page(self, user: str, route: str = "", **size: int):
		"""The user's browser on a page of the desk. An error in one of its scripts fails the test at the end."""
		page = session.sign_in(self.browser, self.url, user, **size)
		self.addCleanup(page.context.close)
		self.addCleanup(lambda: self.assertEqual(page.errors, []))
		if route:
			session.open_route(page, route)
		return page

	def worker_runs(self) -> None:
		"""Run a worker until the test ends or `worker_stops` is called."""
		self.worker = ExitStack()
		self.worker.enter_context(running_worker(self.queue))
		self.addCleanup(self.worker.close)

	def worker_stops(self) -> None:
		self.worker.close()

	def submit(self, doctype: str = "Sales Invoice", template: str = NO_GST, **values: object) -> Document:
		document = new_invoice(doctype, item_tax_template=f"{template} - {ABBR}", **values).submit()
		frappe.db.commit()
		return document

	def failing(self, count: int = 1) -> list[Document]:
		"""Invoices that failed because their tax template is not mapped. A worker must be running."""
		documents = [self.submit(template=GST, taxes=[gst_row()], rate=100) for _ in range(count)]
		for document in documents:
			self.wait_for_status(document, "Failed")
		return documents

	def orphan(self, doctype: str = "Sales Invoice", **values: object) -> Document:
		"""A cancelled document that `payment_id` keeps from being voided in Xero. A worker must be running."""
		document = self.submit(doctype, **values)
		self.wait_for_status(document, "Success")
		paid = self.xero.admin.act(self.xero.admin.tenant("NZ"), "pay", number=document.name, amount=15)
		self.payment_id = paid["payment_id"]
		document.reload().cancel()
		frappe.db.commit()
		self.wait_for_status(document, "Failed")
		return document

	def stuck(self, **values: object) -> Document:
		"""A document that has waited for two hours and was marked by the sweep. No worker may be running."""
		document = self.submit(**values)
		since = add_to_date(now_datetime(), hours=-2)
		frappe.db.set_value(LOG, {"reference_name": document.name}, "queued_at", since)
		frappe.db.commit()
		sweep.sweep()
		return document

	def a_day(self) -> dict[str, object]:
		"""A document in every state, after a fortnight of earlier attempts."""
		a_fortnight()
		parties = ("Harbour Cafe", "Kauri Joinery Ltd", "Northland Dental", "Tasman Cycles")
		self.worker_runs()
		good = [
			self.submit(rate=rate, customer=party(name))
			for rate, name in zip((120, 85, 410, 96), parties, strict=True)
		]
		(failed,) = self.failing()
		orphan = self.orphan(rate=640, customer=party("Waikato Print House"))
		for document in good:
			self.wait_for_status(document, "Success")
		bill = self.submit("Purchase Invoice", rate=260, supplier=party("Southern Freight", "Supplier"))
		self.wait_for_status(bill, "Success")
		self.worker_stops()
		stuck = self.stuck(rate=96, customer=party("Tasman Cycles"))
		return {"good": good[0], "failed": failed, "orphan": orphan, "bill": bill, "stuck": stuck}

	def map_gst(self) -> None:
		settings = frappe.get_doc("Xero Sync Settings", COMPANY)
		template = {"template_type": "Item Tax Template", "template": f"{GST} - {ABBR}"}
		for field, tax_type in (("xero_tax_rate", "OUTPUT2"), ("purchase_tax_rate", "INPUT2")):
			filters = {"company": COMPANY, "tax_type": tax_type}
			template[field] = frappe.db.get_value("Xero Tax Rate", filters)
		settings.append("tax_mapping", template)
		settings.save()
		frappe.db.commit()

	def row(self, page: Page, document: Document) -> Locator:
		"""The document's row in a list."""
		return page.locator(".list-row-container", has_text=document.name).first

	def menu(self, page: Page, label: str) -> None:
		"""Choose an entry of the Xero menu on a form or list."""
		group = page.locator(".inner-group-button[data-label='Xero']")
		group.locator("button").click()
		group.get_by_text(label, exact=True).click()

	def act_on_all(self, page: Page, label: str) -> None:
		"""Select all rows of a list and choose an action."""
		page.locator(".list-header-subject .list-check-all").check()
		page.get_by_role("button", name="Actions").click()
		page.locator(".actions-btn-group .dropdown-menu").get_by_text(label, exact=True).click()

	def newest(self, document: Document) -> frappe._dict:
		return (self.world.rows(ref_of(document)) or [frappe._dict()])[-1]

	def wait_for(self, is_so: Callable[[], object], what: str) -> None:
		end = time.monotonic() + PATIENCE_SECONDS
		while not is_so():
			if time.monotonic() > end:
				self.fail(f"{what}: {self._log()}")
			time.sleep(0.1)

	def wait_for_status(self, document: Document, status: str) -> frappe._dict:
		self.wait_for(lambda: self.newest(document).status == status, f"{document.name} {status}")
		return self.newest(document)

	def in_xero(self, document: Document) -> list[str]:
		return [row["wire"]["Status"] for row in self.xero.admin.documents(number=document.name)]

	def _log(self) -> list[frappe._dict]:
		frappe.db.rollback()
		return frappe.get_all(
			LOG, filters={"company": COMPANY}, fields=["reference_name", "status", "message"]
		)


def forget_filters() -> None:
	"""Open lists as a new user would see them: Frappe remembers each user's filters."""
	people = (CLERK, MANAGER, STRANGER, NOBODY)
	frappe.db.delete("__UserSettings", {"user": ("in", people)})
	frappe.cache.delete_value("_user_settings")


def connect(admin) -> None:
	"""Give the company settings and a token for the sandbox's NZ organisation. "No GST" is mapped, GST is not."""
	from nexwave_xero_connector.xero_api.oauth import Token

	tenant = admin.tenant("NZ")
	minted = admin.mint(tenant, expires_in=1800)
	sales = make_account(COMPANY, "200")
	purchases = make_account(
		COMPANY, "300", account_name="Purchases", account_class="EXPENSE", account_type="DIRECTCOSTS"
	)
	rounding = make_account(
		COMPANY, "860", account_name="Rounding", account_class="LIABILITY", account_type="CURRLIAB"
	)
	uses = {"can_apply_to_revenue": 1, "can_apply_to_expenses": 1, "can_apply_to_liabilities": 1}
	no_gst = make_tax_rate(COMPANY, "NONE", tax_rate_name="No GST", effective_rate=0, **uses)
	make_tax_rate(COMPANY, "OUTPUT2", tax_rate_name="15% GST on Income", effective_rate=15, **uses)
	make_tax_rate(COMPANY, "INPUT2", tax_rate_name="15% GST on Expenses", effective_rate=15, **uses)
	make_tax_template(GST, 15)
	settings = frappe.get_doc("Xero Sync Settings", COMPANY)
	settings.update(
		{
			"tenant_id": tenant,
			"organisation_name": "NexWave Demo NZ",
			"base_currency": "NZD",
			"default_sales_account": sales,
			"default_purchase_account": purchases,
			"rounding_account": rounding,
		}
	)
	settings.append(
		"tax_mapping",
		{
			"template_type": "Item Tax Template",
			"template": make_tax_template(NO_GST),
			"xero_tax_rate": no_gst,
		},
	)
	settings.save()
	expires_at = datetime.now(timezone.utc) + timedelta(minutes=30)
	token = Token(minted["access_token"], minted["refresh_token"], expires_at, minted["scope"])
	frappe.db.commit()  # with MariaDB's snapshot isolation, what has changed since is not written to
	connection = frappe.db.get_value("Xero Connection", {"company": COMPANY})
	store_token(connection, token)
	frappe.db.set_value("Xero Connection", connection, {"state": "Connected", "day_calls_remaining": 4870})
	frappe.db.commit()


def gst_row() -> dict[str, object]:
	"""A row of an invoice's taxes that charges GST on the net total."""
	return {
		"charge_type": "On Net Total",
		"account_head": make_tax_account(),
		"rate": 15,
		"description": "GST 15%",
	}


def party(name: str, doctype: str = "Customer") -> str:
	if not frappe.db.exists(doctype, name):
		frappe.get_doc({"doctype": doctype, f"{doctype.lower()}_name": name}).insert()
	return name


def a_fortnight() -> None:
	"""Attempts on earlier days, for the chart."""
	outcomes = (
		(Status.SUCCESS, (14, 9, 0, 2, 17, 21, 12, 15, 8, 1, 0, 19, 16)),
		(Status.FAILED, (1, 0, 0, 0, 3, 1) + (0,) * 7),
	)
	for status, counts in (*outcomes, (Status.VOIDED, (0, 1, 0, 0, 0, 2, 0, 1) + (0,) * 5)):
		for back, count in enumerate(reversed(counts), start=1):
			for number in range(count):
				ref = DocumentRef("Sales Invoice", f"ACC-SINV-BEFORE-{status.value}-{back}-{number}")
				about = {"company": COMPANY, "party_type": "Customer", "party": PARTY}
				then = add_to_date(now_datetime(), days=-back)
				values = {"status": status.value, "due_at": None, "finished_at": then, "creation": then}
				values |= {"is_latest": 0}
				add_row(
					first_row(ref, now_datetime()),
					ref,
					now_datetime(),
					about,
					Operation.PUSH,
					Trigger.SUBMIT,
					**values,
				)
	frappe.db.commit()

"""A company that is set up in a browser against the Xero sandbox, and the admin who sets it up."""

from __future__ import annotations

import importlib.util
import unittest
from contextlib import ExitStack
from typing import TYPE_CHECKING

import frappe
import redis

from nexwave_xero_connector.api import organisation
from nexwave_xero_connector.erp.connection.xero_app import CONNECTED_APP, READY_MADE, URL_SETTINGS
from nexwave_xero_connector.erp.doctypes import CONNECTION
from nexwave_xero_connector.tests.bench_sandbox import connect_in_browser, new_sandbox, site_config, use_app
from nexwave_xero_connector.tests.bench_worker import running_redis
from nexwave_xero_connector.tests.bench_world import (
	ABBR,
	COMPANY,
	clear,
	make_tax_account,
	make_tax_template,
	new_invoice,
	set_up_company,
)
from nexwave_xero_connector.tests.browser import session
from nexwave_xero_connector.tests.compat import IntegrationTestCase

if TYPE_CHECKING:
	from frappe.model.document import Document
	from playwright.sync_api import Locator, Page

SETTINGS = "Xero Sync Settings"
OTHER, OTHER_ABBR = "Kowhai Gardens", "KWG"
ADMIN = "ruth.tane@example.com"
NO_GST, GST = "No GST", "GST 15%"
RECORDS = ("Xero Tracking Option", "Xero Account", "Xero Tax Rate", "Xero Contact")
NEEDED = [name for name in ("aiohttp", "simplejson") if not importlib.util.find_spec(name)]
MISSING = session.missing() or (f"pip install {' '.join(NEEDED)}" if NEEDED else "")


class Person:
	"""A user whose clicks are counted."""

	def __init__(self, page: Page) -> None:
		self.page = page
		self.clicks = 0

	def click(self, selector: str) -> None:
		self.page.locator(selector).locator("visible=true").first.click()
		self.clicks += 1
		if self.page.url.startswith(self.page.context.base_url):
			session.settle(self.page)


@unittest.skipIf(MISSING, f"a browser test needs: {MISSING}")
class SetupTest(IntegrationTestCase):
	"""Sandbox, queue, desk and browser run once per class. Anything a killed run left behind is removed first."""

	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		stack = ExitStack()
		cls.addClassCleanup(stack.close)
		cls.xero = new_sandbox()
		cls.queue = stack.enter_context(running_redis())
		# Xero and its sandbox redirect only to https or to localhost.
		port = session.free_port()
		cls.url = f"http://localhost:{port}"
		stack.enter_context(site_config({**dict.fromkeys(URL_SETTINGS, cls.xero.url), "host_name": cls.url}))
		stack.enter_context(session.running_desk(cls.queue, port))
		cls.browser = stack.enter_context(session.running_browser())

	def setUp(self) -> None:
		self.addCleanup(self.clear)
		set_up_company()
		self.clear()
		self.xero = new_sandbox()
		self.forget_rate_limit()
		self.nz, self.au = self.xero.admin.tenant("NZ"), self.xero.admin.tenant("AU")
		session.make_user(ADMIN, "System Manager", "Accounts Manager", "Accounts User")
		self.page = session.sign_in(self.browser, self.url, ADMIN)
		self.page.context.base_url = self.url
		self.addCleanup(self.page.context.close)
		self.addCleanup(lambda: self.assertEqual(self.page.errors, []))
		self.person = Person(self.page)

	def clear(self) -> None:
		for company in (COMPANY, OTHER):
			clear(company)
			for doctype in RECORDS:
				frappe.db.delete(doctype, {"company": company})
		for app in frappe.get_all(CONNECTED_APP, {"name": ("like", f"{READY_MADE} - %")}, pluck="name"):
			frappe.delete_doc(CONNECTED_APP, app, force=True, delete_permanently=True)
		use_app("", "")
		frappe.db.commit()

	def forget_rate_limit(self) -> None:
		"""Forget the number of calls left, which an earlier sandbox or an earlier day reported."""
		redis.Redis.from_url(self.queue).flushall()

	def invoice(self, template: str = NO_GST) -> Document:
		"""A draft, with 15% tax charged where the template is GST."""
		rate = 15 if template == GST else 0
		taxes = []
		if rate:
			row = {"charge_type": "On Net Total", "account_head": make_tax_account(), "description": "GST"}
			taxes = [{**row, "rate": rate}]
		return new_invoice(item_tax_template=make_tax_template(template, rate), taxes=taxes)

	def submit(self, template: str = NO_GST) -> str:
		name = self.invoice(template).submit().name
		frappe.db.commit()
		return name

	def new_settings(self, company: str = COMPANY) -> None:
		frappe.get_doc({"doctype": SETTINGS, "company": company}).insert()
		frappe.db.commit()

	def connected(self, company: str = COMPANY, **values: object) -> None:
		"""Set up as far as an admin gets without the form: connected to the NZ organisation, its lists fetched."""
		from sandbox.xero.seed.organisations import DEMO_APP

		use_app(*DEMO_APP)
		self.new_settings(company)
		frappe.local.response = frappe._dict()
		connect_in_browser(company, self.nz)
		organisation.fetch(company)
		frappe.get_doc(SETTINGS, company).update(values).save()
		frappe.db.commit()

	def mapped(self, **values: object) -> dict[str, object]:
		"""Settings that map what NO_GST needs."""
		row = {"template_type": "Item Tax Template", "template": make_tax_template(NO_GST)}
		return {
			"default_sales_account": f"{ABBR}-200",
			"rounding_account": f"{ABBR}-860",
			"tax_mapping": [{**row, "xero_tax_rate": f"{ABBR}-NONE"}],
			**values,
		}

	def open_settings(self, company: str = COMPANY) -> None:
		session.open_route(self.page, f"xero-sync-settings/{company}")
		self.page.wait_for_selector("[data-step=connect]")

	def allow(self, organisation_name: str = "NexWave Demo NZ") -> None:
		"""Allow access on Xero's page, and return to the form."""
		self.page.wait_for_url("**/identity/connect/authorize**")
		self.person.click(f"label:has-text('{organisation_name}')")
		self.person.click("button:has-text('Allow access')")
		self.page.wait_for_selector("[data-step=connect]")
		session.settle(self.page)

	def menu(self, label: str) -> None:
		self.person.click(".inner-group-button:has-text('Xero') button")
		self.person.click(f".inner-group-button .dropdown-item:has-text('{label}')")

	def step(self, key: str) -> Locator:
		return self.page.locator(f"[data-step={key}]")

	def stored(self, fieldname: str, company: str = COMPANY) -> object:
		frappe.db.rollback()
		return frappe.db.get_value(SETTINGS, company, fieldname)

	def state(self, company: str = COMPANY) -> tuple[str, str | None]:
		frappe.db.rollback()
		return frappe.db.get_value(CONNECTION, company, ["state", "cause"])

"""The whole path in a real browser: from no settings at all to the first invoice in Xero, and every way it breaks."""

from __future__ import annotations

import importlib.util
import time
import unittest
from contextlib import ExitStack

import frappe
from frappe.installer import update_site_config

from nexwave_xero_connector.erp.connection import CONNECTION
from nexwave_xero_connector.erp.xero_app import URL_SETTINGS
from nexwave_xero_connector.tests.bench_sandbox import use_app
from nexwave_xero_connector.tests.bench_worker import running_redis, running_worker
from nexwave_xero_connector.tests.bench_world import (
	COMPANY,
	LOG,
	clear,
	make_tax_account,
	make_tax_template,
	new_invoice,
	set_up_company,
)
from nexwave_xero_connector.tests.browser import session
from nexwave_xero_connector.tests.browser.pictures import take_picture
from nexwave_xero_connector.tests.compat import IntegrationTestCase

SETTINGS = "Xero Sync Settings"
ADMIN = "xero-setup-browser@example.com"
MOST_CLICKS = 25
PATIENCE_SECONDS = 60
NEEDED = [name for name in ("aiohttp", "simplejson") if not importlib.util.find_spec(name)]
MISSING = session.missing() or (f"pip install {' '.join(NEEDED)}" if NEEDED else "")


class Person:
	"""Somebody at the mouse, whose clicks are counted."""

	def __init__(self, page) -> None:
		self.page = page
		self.clicks = 0

	def click(self, selector: str) -> None:
		self.page.locator(selector).locator("visible=true").first.click()
		self.clicks += 1
		if self.page.url.startswith(self.page.context.base_url):
			session.settle(self.page)


@unittest.skipIf(MISSING, f"a browser test needs: {MISSING}")
class TestSetup(IntegrationTestCase):
	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		from sandbox.xero.launcher import running_sandbox

		stack = ExitStack()
		cls.addClassCleanup(stack.close)
		cls.xero = stack.enter_context(running_sandbox(limits=False))
		cls.queue = stack.enter_context(running_redis())
		# Xero, and its sandbox, send back to https or to localhost.
		cls.url = stack.enter_context(session.running_desk(cls.queue)).replace("127.0.0.1", "localhost")
		for key, value in {**dict.fromkeys(URL_SETTINGS, cls.xero.url), "host_name": cls.url}.items():
			before = frappe.conf.get(key)
			update_site_config(key, value)
			stack.callback(update_site_config, key, "None" if before is None else before)
		cls.browser = stack.enter_context(session.running_browser())

	def setUp(self) -> None:
		self.addCleanup(self.clear)
		set_up_company()
		self.clear()
		self.xero.admin.reset()
		self.xero.admin.limits_off()
		use_app("", "")
		self.documents = self.make_documents()
		session.make_user(ADMIN, "System Manager", "Accounts Manager", "Accounts User")
		self.page = session.sign_in(self.browser, self.url, ADMIN)
		self.page.context.base_url = self.url
		self.addCleanup(self.page.context.close)
		self.addCleanup(lambda: self.assertEqual(self.page.errors, []))
		self.person = Person(self.page)

	def clear(self) -> None:
		clear()
		for doctype in ("Xero Tracking Option", "Xero Account", "Xero Tax Rate"):
			frappe.db.delete(doctype, {"company": COMPANY})
		frappe.db.commit()

	def make_documents(self) -> list[str]:
		"""Twelve submitted invoices of before, and a draft."""
		make_tax_template("Xero GST 15", 15)
		gst = {"charge_type": "On Net Total", "account_head": make_tax_account(), "rate": 15}
		for _number in range(12):
			new_invoice(item_tax_template="Xero GST 15 - XOT", taxes=[{**gst, "description": "GST"}]).submit()
		draft = new_invoice(item_tax_template="Xero GST 15 - XOT", taxes=[{**gst, "description": "GST"}])
		frappe.db.commit()
		return [draft.name]

	def test_from_nothing_to_the_first_invoice_in_xero(self) -> None:
		from sandbox.xero.seed.organisations import DEMO_APP

		page, person = self.page, self.person
		began = time.monotonic()
		session.open_route(page, "xero-sync-settings")
		person.click("button.primary-action")
		page.wait_for_selector(".xero-steps, .text-muted >> text=Choose the company")
		person.click(".form-layout .frappe-control[data-fieldname=company]:visible input")
		page.fill(".form-layout .frappe-control[data-fieldname=company]:visible input", COMPANY)
		person.click(f"[role=option]:has-text('{COMPANY}')")
		person.click("button.primary-action:has-text('Save')")
		page.wait_for_selector("[data-step=connect]")
		self.assertIn("SANDBOX", page.locator(".xero-sandbox").inner_text())
		take_picture(page, "setup-1-new")

		person.click("[data-action=app]")
		page.fill(".modal [data-fieldname=client_id] input", DEMO_APP[0])
		page.fill(".modal [data-fieldname=client_secret] input", DEMO_APP[1])
		take_picture(page, "setup-2-app")
		person.click(".modal button:has-text('Save and Connect')")
		page.wait_for_url("**/identity/connect/authorize**")
		take_picture(page, "setup-3-consent")
		person.click("label:has-text('NexWave Demo NZ')")
		person.click("button:has-text('Allow access')")
		page.wait_for_selector("[data-step=choose].xero-step-done")
		session.settle(page)
		take_picture(page, "setup-4-connected")

		person.click("[data-action=suggest]")
		page.wait_for_selector(".modal .grid-row:has-text('Xero GST 15')")
		self.assertIn("15% and the name fit", page.locator(".modal:visible").inner_text())
		take_picture(page, "setup-5-suggested")
		person.click(".modal button:has-text('Accept')")
		person.click("button.primary-action:has-text('Save')")
		page.wait_for_selector("[data-step=check] [data-action=check]")
		person.click("[data-step=check] [data-action=check]")
		page.wait_for_selector(".modal >> text=would go to Xero")
		session.settle(page)
		take_picture(page, "setup-6-checked")
		self.assertIn("12 of the last 12 invoices", page.locator(".modal:visible").inner_text())
		person.click(".modal button:has-text('Close')")
		person.click("[data-action=switch_on]")
		take_picture(page, "setup-7-switch-on")
		person.click(".modal button:has-text('Switch On')")
		page.wait_for_selector("[data-step=switch_on].xero-step-done")
		page.wait_for_selector("[data-step=check].xero-step-done")
		take_picture(page, "setup-8-done")

		with running_worker(self.queue):
			session.open_route(page, f"sales-invoice/{self.documents[0]}")
			page.wait_for_selector(".grid-row:has-text('Xero Outbox Item')")
			session.settle(page)
			if page.evaluate("cur_frm.is_dirty()"):
				# ERPNext's form fills in what a document made over the API left empty.
				person.click("button.primary-action:has-text('Save')")
			person.click("button.primary-action:has-text('Submit')")
			person.click(".modal button:has-text('Yes')")
			self.wait_for_success(self.documents[0])
		(document,) = self.xero.admin.documents(number=self.documents[0])
		self.assertEqual(float(document["wire"]["Total"]), 115)
		print(
			f"\nFrom nothing to the first invoice: {person.clicks} clicks, {time.monotonic() - began:.0f} s"
		)
		self.assertLessEqual(person.clicks, MOST_CLICKS)

	def test_a_lost_connection_has_a_banner_and_a_way_out(self) -> None:
		self.connect()
		for name, break_it, cause in (
			("disconnected", lambda: self.xero.admin.disconnect(), "Disconnected in Xero"),
			("expired", self.let_consent_expire, "Consent expired or withdrawn"),
			("unreadable", self.garble_tokens, "Token unreadable"),
		):
			with self.subTest(name):
				break_it()
				self.fetch()
				banner = self.page.locator(".xero-lost")
				banner.wait_for()
				self.assertIn(cause, banner.inner_text())
				take_picture(self.page, f"lost-{name}")
				self.person.click(".xero-lost [data-action=connect]")
				self.allow()
				self.assertEqual(self.page.locator(".xero-lost").count(), 0)
				self.assertEqual(frappe.db.get_value(CONNECTION, COMPANY, "state"), "Connected")

	def test_a_secret_that_was_changed_and_a_missing_permission_lead_to_the_app(self) -> None:
		from sandbox.xero.seed.organisations import DEMO_APP

		self.connect()
		use_app(DEMO_APP[0], "another-secret")
		frappe.db.set_value(CONNECTION, COMPANY, "expires_at", "2026-01-01")
		frappe.db.commit()
		self.fetch()
		self.page.wait_for_selector(".xero-lost:has-text('Xero app not accepted')")
		take_picture(self.page, "lost-app")
		self.person.click(".xero-lost [data-action=app]")
		self.page.fill(".modal [data-fieldname=client_secret] input", DEMO_APP[1])
		self.person.click(".modal .section-head:has-text('Scopes')")
		self.page.fill(
			".modal [data-fieldname=scopes] textarea",
			"offline_access accounting.contacts accounting.settings",
		)
		self.person.click(".modal button:has-text('Save and Connect')")
		self.allow()
		self.page.wait_for_selector(".xero-lost:has-text('Permission missing')")
		self.assertIn("accounting.invoices", self.page.locator(".xero-lost").inner_text())
		take_picture(self.page, "lost-permission")

	def test_no_consent_and_a_forged_answer_are_pages_with_a_way_back(self) -> None:
		from sandbox.xero.seed.organisations import DEMO_APP

		use_app(*DEMO_APP)
		self.open_settings()
		self.person.click("[data-step=connect] [data-action=connect]")
		self.page.wait_for_url("**/identity/connect/authorize**")
		self.person.click("button:has-text('Cancel')")
		self.page.wait_for_selector("text=You did not let this site into your organisation")
		take_picture(self.page, "refused-consent")
		self.person.click("a:has-text('Back to the Xero Sync Settings')")
		self.page.wait_for_selector("[data-step=connect]")
		self.page.goto("/api/method/nexwave_xero_connector.api.connection.callback?state=forged&code=forged")
		self.page.wait_for_selector("text=does not belong to a connection")
		self.page.errors.clear()

	def test_disconnecting_lets_documents_wait(self) -> None:
		self.connect()
		self.menu("Disconnect")
		self.person.click(".modal button:has-text('Yes')")
		self.page.wait_for_selector("[data-step=connect] [data-action=connect]")
		self.assertEqual(self.xero.admin.count(path="/connect/revocation"), 1)
		self.assertFalse(frappe.db.sql("select 1 from __Auth where doctype = %s", CONNECTION))

	def open_settings(self) -> None:
		if not frappe.db.exists(SETTINGS, COMPANY):
			frappe.get_doc({"doctype": SETTINGS, "company": COMPANY}).insert()
			frappe.db.commit()
		session.open_route(self.page, f"xero-sync-settings/{COMPANY}")
		self.page.wait_for_selector("[data-step=connect]")

	def connect(self) -> None:
		from sandbox.xero.seed.organisations import DEMO_APP

		use_app(*DEMO_APP)
		self.open_settings()
		self.person.click("[data-step=connect] [data-action=connect]")
		self.allow()

	def allow(self) -> None:
		self.page.wait_for_url("**/identity/connect/authorize**")
		self.person.click("button:has-text('Allow access')")
		self.page.wait_for_selector("[data-step=connect]")
		session.settle(self.page)
		frappe.db.rollback()

	def fetch(self) -> None:
		"""Press Fetch, and close what it complains about."""
		self.menu("Fetch")
		self.page.wait_for_selector(".modal.show .msgprint")
		self.page.reload()
		self.page.errors.clear()
		self.page.wait_for_selector("[data-step=connect]")

	def menu(self, label: str) -> None:
		self.person.click(".inner-group-button:has-text('Xero') button")
		self.person.click(f".inner-group-button .dropdown-item:has-text('{label}')")

	def let_consent_expire(self) -> None:
		frappe.db.set_value(CONNECTION, COMPANY, "expires_at", "2026-01-01")
		frappe.db.commit()
		self.xero.admin.advance(61 * 24 * 3600)

	def garble_tokens(self) -> None:
		frappe.db.sql("update __Auth set password = 'gAAAAABgarbled' where doctype = %s", CONNECTION)
		frappe.db.commit()

	def wait_for_success(self, name: str) -> None:
		end = time.monotonic() + PATIENCE_SECONDS
		row = None
		while time.monotonic() < end:
			frappe.db.rollback()
			row = frappe.db.get_value(
				LOG, {"reference_name": name, "is_latest": 1}, ["status", "message"], as_dict=True
			)
			if row and row.status == "Success":
				return
			time.sleep(0.2)
		self.fail(row)

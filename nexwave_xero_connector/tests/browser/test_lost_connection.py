"""Each way a connection is lost: its banner, its way out, and the waiting documents that are sent afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import frappe

from nexwave_xero_connector.api import sync
from nexwave_xero_connector.erp.doctypes import CONNECTION
from nexwave_xero_connector.tests.bench_sandbox import use_app
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG
from nexwave_xero_connector.tests.browser import session
from nexwave_xero_connector.tests.browser.pictures import FOLDER
from nexwave_xero_connector.tests.browser.setup_test_case import SetupTest
from nexwave_xero_connector.tests.passing_time import pass_time

NARROW = "offline_access accounting.contacts accounting.settings.read"


class TestLostConnection(SetupTest):
	def setUp(self) -> None:
		super().setUp()
		self.connected(enabled=1, start_date=frappe.utils.nowdate(), **self.mapped())

	def test_a_user_pressed_disconnect(self) -> None:
		self.open_settings()
		self.menu("Disconnect")
		self.person.click(".modal button:has-text('Yes')")
		self.page.wait_for_selector("[data-step=connect] [data-action=connect]")
		self.assertEqual(self.xero.admin.count(path="/connect/revocation"), 1)
		self.assertFalse(frappe.db.sql("select 1 from __Auth where doctype = %s", CONNECTION))
		self.lost_and_found("not-connected", "Not connected", self.connect)

	def test_disconnected_in_xero(self) -> None:
		self.xero.admin.disconnect()
		self.lost_and_found("disconnected", "Disconnected in Xero", self.connect)

	def test_the_consent_has_expired(self) -> None:
		self.run_out()
		self.xero.admin.advance(61 * 24 * 3600)
		self.lost_and_found("expired", "Consent expired or withdrawn", self.connect)

	def test_restored_without_its_key(self) -> None:
		frappe.db.sql("update __Auth set password = 'gAAAAABgarbled' where doctype = %s", CONNECTION)
		frappe.db.commit()
		self.lost_and_found("unreadable", "Token unreadable", self.connect)

	def test_the_secret_was_replaced_at_xero(self) -> None:
		from sandbox.xero.seed.organisations import DEMO_APP

		self.run_out()
		use_app(DEMO_APP[0], "another-secret-than-xeros")
		self.lost_and_found("app", "Xero app not accepted", self.enter_app)

	def test_a_permission_is_missing(self) -> None:
		self.open_settings()
		self.menu("Xero App")
		self.enter_scopes(NARROW)
		self.lost_and_found("permission", "Permission missing", self.add_the_scope, "accounting.invoices")

	def test_the_calls_of_the_day_are_used_up(self) -> None:
		self.xero.admin.fault("rate_limit", problem="day", retry_after=5 * 3600)
		self.lost_and_found("day-limit", "Xero accepts no calls until", self.wait_until_tomorrow)

	def test_restored_on_another_site(self) -> None:
		frappe.db.set_value(CONNECTION, COMPANY, "installation", "erp.example.com/0123456789abcdef")
		frappe.db.commit()
		self.lost_and_found("copy", "This is a copy of erp.example.com", self.connect_in_place_of_another)

	def test_connected_before_the_update(self) -> None:
		frappe.db.set_value(CONNECTION, COMPANY, "installation", None)
		frappe.db.commit()
		self.lost_and_found("unconfirmed", "Does this site send to NexWave Demo NZ?", self.confirm)

	def lost_and_found(self, picture: str, cause: str, way_out: Callable[[], None], said: str = "") -> None:
		document = self.submit()
		sync.push_invoice(COMPANY)
		self.assertEqual(self.status_of(document), "Queued")
		self.open_settings()
		banner = self.page.locator(".xero-lost")
		banner.wait_for()
		for text in (cause, said, "Documents waiting: 1."):
			self.assertIn(text, banner.inner_text())
		if FOLDER:
			Path(FOLDER).mkdir(parents=True, exist_ok=True)
			banner.screenshot(path=Path(FOLDER) / f"lost-{picture}.png")
		way_out()
		# A bench for tests has no scheduler, and what is due since then says so.
		left = [text for text in banner.all_inner_texts() if "Retries are not running" not in text]
		self.assertEqual(left, [])
		self.assertEqual(self.state(), ("Connected", None))
		sync.push_invoice(COMPANY)
		self.assertEqual(self.status_of(document), "Success")

	def connect(self) -> None:
		self.person.click(".xero-lost [data-action=connect]")
		self.allow()

	def connect_in_place_of_another(self) -> None:
		self.person.click(".xero-lost [data-action=connect]")
		question = self.page.locator(".modal:has-text('was connected to Xero on erp.example.com')")
		question.wait_for()
		self.person.click(".modal button:has-text('Yes')")
		self.allow()

	def confirm(self) -> None:
		self.person.click(".xero-lost button:has-text('This site sends to NexWave Demo NZ')")
		self.person.click(".modal button:has-text('Yes')")
		self.page.wait_for_selector(".xero-lost", state="detached")
		session.settle(self.page)

	def enter_app(self) -> None:
		from sandbox.xero.seed.organisations import DEMO_APP

		self.person.click(".xero-lost [data-action=app]")
		self.page.fill(".modal [data-fieldname=client_secret] input", DEMO_APP[1])
		self.person.click(".modal button:has-text('Save and Connect')")
		self.allow()

	def add_the_scope(self) -> None:
		self.person.click(".xero-lost [data-action=app]")
		self.enter_scopes(f"{NARROW} accounting.invoices")

	def enter_scopes(self, scopes: str) -> None:
		self.person.click(".modal .section-head:has-text('Scopes')")
		self.page.fill(".modal [data-fieldname=scopes] textarea", scopes)
		self.person.click(".modal button:has-text('Save and Connect')")
		self.allow()

	def wait_until_tomorrow(self) -> None:
		"""No button helps, and none is needed."""
		self.assertEqual(self.page.locator(".xero-lost button").count(), 0)
		pass_time(timedelta(hours=5), self.xero.admin)
		self.forget_rate_limit()
		self.open_settings()
		session.settle(self.page)

	def run_out(self) -> None:
		frappe.db.set_value(CONNECTION, COMPANY, "expires_at", "2026-01-01")
		frappe.db.commit()

	def status_of(self, name: str) -> str:
		frappe.db.rollback()
		return frappe.db.get_value(LOG, {"reference_name": name, "is_latest": 1}, "status")

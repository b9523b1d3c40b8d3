"""Connecting to the Xero sandbox: sign-in, every way a connection is lost, and what happens to tokens."""

from datetime import datetime, timedelta
from unittest import mock

import frappe
from frappe.utils import get_url_to_form

from nexwave_xero_connector.api import connection, mapping, organisation, sync
from nexwave_xero_connector.erp.connection import oauth_state
from nexwave_xero_connector.erp.connection.tokens import fresh_token, tokens_are_readable
from nexwave_xero_connector.erp.doctypes import CONNECTION
from nexwave_xero_connector.erp.documents.reader import FrappeDocuments
from nexwave_xero_connector.mapping.erp_document import Party
from nexwave_xero_connector.sync.errors import ReconnectRequired
from nexwave_xero_connector.tests.bench_sandbox import (
	connect_in_browser,
	consent_in_browser,
	point_site_at_sandbox,
	use_app,
)
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG, clear, new_invoice, set_up_company
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.passing_time import pass_time_in_cache
from nexwave_xero_connector.tests.records import make_company

OTHER = "Kowhai Gardens"
SETTINGS = "Xero Sync Settings"


class TestConnection(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(self.clear)
		self.addCleanup(frappe.set_user, "Administrator")
		self.xero = point_site_at_sandbox(self)
		set_up_company()
		self.clear()
		self.nz, self.au = self.xero.admin.tenant("NZ"), self.xero.admin.tenant("AU")
		frappe.get_doc({"doctype": SETTINGS, "company": COMPANY}).insert()
		frappe.db.commit()
		frappe.local.response = frappe._dict()

	def clear(self) -> None:
		clear()
		frappe.delete_doc("Connected App", f"Xero - {COMPANY}", force=True, ignore_missing=True)
		for doctype in (SETTINGS, CONNECTION):
			for name in frappe.get_all(doctype, {"company": OTHER}, pluck="name"):
				frappe.delete_doc(doctype, name, force=True)
		frappe.db.commit()

	def state(self, company: str = COMPANY) -> tuple[str, str]:
		frappe.db.rollback()
		return frappe.db.get_value(CONNECTION, company, ["state", "cause"]) or ("Not connected", None)

	def settings(self):
		return frappe.get_doc(SETTINGS, COMPANY)

	def page(self) -> str:
		return frappe.local.message

	def run_out(self) -> None:
		frappe.db.set_value(CONNECTION, COMPANY, "expires_at", datetime(2026, 1, 1))
		frappe.db.commit()

	def test_signing_in_connects_the_organisation_chosen_in_xero(self) -> None:
		connect_in_browser(COMPANY, self.au)
		settings = self.settings()
		self.assertEqual(settings.tenant_id, self.au)
		self.assertEqual(
			(settings.organisation_name, settings.base_currency, settings.short_code),
			("NexWave Demo AU", "AUD", "!auS4b"),
		)
		self.assertTrue(settings.connection_id)
		self.assertEqual(self.state(), ("Connected", None))
		self.assertEqual(frappe.local.response["type"], "redirect")
		address = get_url_to_form(SETTINGS, COMPANY)
		self.assertTrue(address.startswith("http://localhost:8000/"))
		self.assertEqual(frappe.local.response["location"], address)

	def test_a_state_is_valid_once_for_its_user_and_for_ten_minutes(self) -> None:
		back = consent_in_browser(COMPANY, self.nz)
		state = {"state": back["state"], "code": back["code"]}
		connection.callback(state="made-up", code=back["code"])
		self.assertIn("was not started by you", self.page())
		connection.callback(code=back["code"])
		self.assertIn("was not started by you", self.page())
		self.assertEqual(self.state()[0], "Not connected")
		connection.callback(**state)
		self.assertEqual(self.state()[0], "Connected")
		connection.callback(**state)
		self.assertIn("was not started by you", self.page())

		other = consent_in_browser(COMPANY, self.nz)
		frappe.set_user("Guest")
		self.assertIsNone(oauth_state.take_pending(other["state"]))
		frappe.set_user("Administrator")
		self.assertIsNone(oauth_state.take_pending(other["state"]))

		late = consent_in_browser(COMPANY, self.nz)
		pass_time_in_cache(timedelta(minutes=9), "xero_oauth_state:")
		in_time = consent_in_browser(COMPANY, self.nz)
		pass_time_in_cache(timedelta(minutes=1), "xero_oauth_state:")
		self.assertIsNone(oauth_state.take_pending(late["state"]))
		pass_time_in_cache(timedelta(minutes=8), "xero_oauth_state:")
		self.assertTrue(oauth_state.take_pending(in_time["state"]))

	def test_a_stolen_code_is_useless_without_the_verifier(self) -> None:
		from nexwave_xero_connector.erp.connection.xero_app import oauth_app
		from nexwave_xero_connector.sync.errors import ReconnectRequired
		from nexwave_xero_connector.xero_api import oauth

		back = consent_in_browser(COMPANY, self.nz)
		with self.assertRaises(ReconnectRequired):
			oauth.exchange_code(oauth_app(COMPANY), back["code"], oauth.new_verifier())

	def test_a_refusal_by_xero_is_a_page_with_a_way_back(self) -> None:
		back = consent_in_browser(COMPANY, self.nz, decision="deny")
		self.assertNotIn("code", back)
		connection.callback(state=back["state"], error=back["error"])
		self.assertIn("Access to your organisation was not granted", self.page())
		self.assertEqual(frappe.local.response["type"], "page")
		back = consent_in_browser(COMPANY, self.nz)
		connection.callback(state=back["state"], error="<script>alert(1)</script>")
		self.assertNotIn("<script>", self.page())
		back = consent_in_browser(COMPANY, self.nz)
		connection.callback(state=back["state"], code="spent")
		self.assertIn("expired or was withdrawn", self.page())

	def test_only_a_system_manager_may_connect(self) -> None:
		user = make_user("xero-accounts@example.com", "Accounts Manager")
		back = consent_in_browser(COMPANY, self.nz)
		frappe.set_user(user)
		for act in (
			connection.app,
			connection.connect,
			connection.organisations,
			connection.disconnect,
		):
			with self.assertRaises(frappe.PermissionError):
				act(COMPANY)
		with self.assertRaises(frappe.PermissionError):
			connection.choose_organisation(COMPANY, self.nz)
		with self.assertRaises(frappe.PermissionError):
			connection.save_app(COMPANY, "x", "y")
		connection.callback(state=back["state"], code=back["code"])
		self.assertIn("was not started by you", self.page())

	def test_an_accountant_may_fix_the_mapping_but_not_change_the_organisation(self) -> None:
		user = make_user("xero-accounts@example.com", "Accounts Manager")
		connect_in_browser(COMPANY, self.nz)
		organisation.fetch(COMPANY)
		frappe.set_user(user)
		settings = self.settings()
		settings.default_sales_account = "HBT-200"
		settings.tenant_id = "elsewhere"
		settings.save()
		settings.reload()
		self.assertEqual((settings.default_sales_account, settings.tenant_id), ("HBT-200", self.nz))

	def test_a_lost_response_to_a_refresh_does_no_harm(self) -> None:
		from nexwave_xero_connector.sync.errors import Unavailable

		connect_in_browser(COMPANY, self.nz)
		before = fresh_token(COMPANY)
		self.run_out()
		self.xero.admin.fault("drop_after", method="POST", path="/connect/token")
		with self.assertRaises(Unavailable):
			fresh_token(COMPANY)
		self.xero.admin.advance(29 * 60)
		renewed = fresh_token(COMPANY)
		self.assertNotEqual(renewed.refresh_token, before.refresh_token)
		self.assertEqual(self.state(), ("Connected", None))

	def test_documents_wait_for_a_reconnect_and_are_sent_after_it(self) -> None:
		connect_in_browser(COMPANY, self.nz)
		self.enable()
		self.xero.admin.disconnect(self.nz)
		document = self.submit()
		sync.push_invoice(COMPANY)
		self.assertEqual(self.state(), ("Reconnect needed", "Disconnected in Xero"))
		self.assertEqual(self.status_of(document), "Queued")
		sync.push_invoice(COMPANY)
		self.assertEqual(self.status_of(document), "Queued")
		with mock.patch("nexwave_xero_connector.erp.worker.enqueue_worker") as woken:
			connect_in_browser(COMPANY, self.nz)
		woken.assert_called_once_with(COMPANY)
		self.assertEqual(self.state(), ("Connected", None))
		sync.push_invoice(COMPANY)
		self.assertEqual(self.status_of(document), "Success")

	def test_an_access_token_that_xero_ends_early_is_renewed_unnoticed(self) -> None:
		connect_in_browser(COMPANY, self.nz)
		self.enable()
		document = self.submit()
		self.xero.admin.fault("token_expired", method="GET", path="/Invoices")
		sync.push_invoice(COMPANY)
		self.assertEqual(self.status_of(document), "Success")
		self.assertEqual(self.state(), ("Connected", None))

	def test_a_consent_that_is_gone_says_so(self) -> None:
		connect_in_browser(COMPANY, self.nz)
		self.run_out()
		self.xero.admin.advance(61 * 24 * 3600)
		with self.assertRaises(frappe.ValidationError) as told:
			organisation.fetch(COMPANY)
		self.assertIn("expired or was withdrawn", str(told.exception))
		self.assertEqual(self.state(), ("Reconnect needed", "Consent expired or withdrawn"))

	def test_a_secret_that_was_changed_in_xero_says_so(self) -> None:
		from sandbox.xero.seed.organisations import DEMO_APP

		connect_in_browser(COMPANY, self.nz)
		self.run_out()
		use_app(DEMO_APP[0], "another-secret")
		with self.assertRaises(frappe.ValidationError):
			organisation.fetch(COMPANY)
		self.assertEqual(self.state(), ("Reconnect needed", "Xero app not accepted"))

	def test_a_restored_site_without_its_key_says_so_and_connects_again(self) -> None:
		connect_in_browser(COMPANY, self.nz)
		frappe.db.sql("update __Auth set password = 'gAAAAABgarbled' where doctype = %s", CONNECTION)
		frappe.db.commit()
		frappe.clear_messages()
		self.assertFalse(tokens_are_readable(COMPANY))
		self.assertEqual(frappe.get_message_log(), [])
		with self.assertRaises(frappe.ValidationError) as told:
			organisation.fetch(COMPANY)
		self.assertIn("encryption key", str(told.exception))
		self.assertEqual(self.state(), ("Reconnect needed", "Token unreadable"))
		connect_in_browser(COMPANY, self.nz)
		self.assertEqual(self.state(), ("Connected", None))

	def test_a_scope_that_was_not_granted_is_named(self) -> None:
		scopes = "offline_access accounting.contacts accounting.settings.read"
		connection.save_app(COMPANY, frappe.db.get_value("Connected App", "Xero", "client_id"), scopes=scopes)
		frappe.db.commit()
		connect_in_browser(COMPANY, self.nz)
		self.assertEqual(self.state(), ("Reconnect needed", "Permission missing"))
		self.assertIn("accounting.invoices", frappe.db.get_value(CONNECTION, COMPANY, "last_error"))
		from nexwave_xero_connector.xero_api.oauth import SCOPES

		connection.save_app(COMPANY, frappe.db.get_value("Connected App", "Xero", "client_id"), scopes=SCOPES)
		frappe.db.commit()
		connect_in_browser(COMPANY, self.nz)
		self.assertEqual(self.state(), ("Connected", None))

	def test_another_organisation_is_never_chosen_automatically(self) -> None:
		connect_in_browser(COMPANY, self.nz)
		self.xero.admin.disconnect(self.nz)
		connect_in_browser(COMPANY, self.au)
		self.assertEqual(self.settings().tenant_id, self.nz)
		self.assertEqual(self.state(), ("Reconnect needed", "Disconnected in Xero"))
		names = [row["name"] for row in connection.organisations(COMPANY)]
		self.assertEqual(names, ["NexWave Demo AU"])
		connection.choose_organisation(COMPANY, self.au)
		self.assertEqual(self.settings().organisation_name, "NexWave Demo AU")
		self.assertEqual(self.state(), ("Connected", None))

	def test_contacts_of_the_previous_organisation_wait_for_its_return(self) -> None:
		"""Demo first, then the real one, then back for a test: each has its own contacts."""
		connect_in_browser(COMPANY, self.nz)
		party = Party("Customer", "Tasman Timber", "Tasman Timber")
		documents = FrappeDocuments()
		documents.link_contact(COMPANY, party, "of-nz", "Tasman Timber")
		connect_in_browser(COMPANY, self.nz)
		self.assertEqual(dict(documents.contact_ids(COMPANY, [party])), {party: "of-nz"})
		organisation.fetch(COMPANY)
		self.assertTrue(self.settings().last_fetched)
		connect_in_browser(COMPANY, self.au)
		connection.choose_organisation(COMPANY, self.au)
		self.assertFalse(self.settings().last_fetched or self.settings().currencies)
		self.assertEqual(dict(documents.contact_ids(COMPANY, [party])), {})
		documents.link_contact(COMPANY, party, "of-au", "Tasman Timber")
		# A worker that was busy while somebody chose the other organisation still knows its own.
		busy = FrappeDocuments(self.nz)
		self.assertEqual(dict(busy.contact_ids(COMPANY, [party])), {party: "of-nz"})
		busy.link_contact(COMPANY, party, "of-nz-2", "Tasman Timber")
		self.assertEqual(dict(documents.contact_ids(COMPANY, [party])), {party: "of-au"})
		connect_in_browser(COMPANY, self.nz)
		connection.choose_organisation(COMPANY, self.nz)
		self.assertEqual(dict(documents.contact_ids(COMPANY, [party])), {party: "of-nz-2"})

	def test_the_picker_warns_about_an_organisation_that_another_company_uses(self) -> None:
		connect_in_browser(COMPANY, self.nz)
		make_company(OTHER, "KWG")
		frappe.get_doc({"doctype": SETTINGS, "company": OTHER}).insert()
		frappe.db.commit()
		connect_in_browser(OTHER, self.nz)
		self.assertEqual([row["used_by"] for row in connection.organisations(OTHER)], [[COMPANY]])

		# The organisation and the consent stay while somebody else needs them.
		connection.disconnect(COMPANY)
		self.assertEqual(self.state(), ("Not connected", None))
		self.assertFalse(
			frappe.db.sql("select 1 from __Auth where doctype = %s and name = %s", (CONNECTION, COMPANY))
		)
		self.assertEqual(len(connection.organisations(OTHER)), 1)
		before = self.xero.admin.marker()
		connection.disconnect(OTHER)
		self.assertEqual(self.xero.admin.count(before, method="DELETE", path="/connections"), 1)
		self.assertEqual(self.xero.admin.count(before, path="/connect/revocation"), 1)

	def test_the_form_says_what_is_done_and_what_is_next(self) -> None:
		use_app("", "")
		self.assertEqual(self.next_step(), ("connect", "app"))
		from sandbox.xero.seed.organisations import DEMO_APP

		use_app(*DEMO_APP)
		self.assertEqual(self.next_step(), ("connect", "connect"))
		connect_in_browser(COMPANY, self.nz)
		self.assertEqual(self.next_step(), ("check", "suggest"))
		self.assertEqual(self.setup()["sandbox"], self.xero.url.removeprefix("http://"))
		self.enable()
		self.assertEqual(self.next_step(), ("check", "check"))
		mapping.check(COMPANY)
		self.assertTrue(all(step["is_done"] for step in self.setup()["steps"]))
		self.assertIsNone(self.setup()["banner"])
		connection.disconnect(COMPANY)
		self.submit()
		banner = self.setup()["banner"]
		self.assertEqual((banner["cause"], banner["ways_out"]), ("Not connected", ["connect"]))
		self.assertEqual(banner["waiting"], "Documents waiting: 1.")

	def test_the_connected_app_shows_our_redirect_uri(self) -> None:
		app = frappe.get_doc("Connected App", "Xero")
		app.save()
		self.assertEqual(
			app.redirect_uri,
			"http://localhost:8000/api/method/nexwave_xero_connector.api.connection.callback",
		)
		self.assertNotIn("sandbox-demo-secret", frappe.as_json(connection.app(COMPANY)))

	def setup(self) -> dict:
		settings = self.settings()
		settings.run_method("onload")
		return settings.get("__onload").setup

	def next_step(self) -> tuple[str, str]:
		step = next(step for step in self.setup()["steps"] if not step["is_done"])
		return step["key"], step["action"]

	def test_a_custom_connection_needs_no_browser(self) -> None:
		from sandbox.xero.seed.organisations import CUSTOM_APP, DEMO_APP

		settings = self.settings()
		settings.connection_type = "Custom Connection"
		settings.save()
		connection.save_app(COMPANY, *CUSTOM_APP)
		frappe.db.commit()
		# The app that the other companies connect with has not changed.
		self.assertEqual(frappe.db.get_value("Connected App", "Xero", "client_id"), DEMO_APP[0])
		self.assertEqual(connection.connect(COMPANY), {})
		self.assertEqual(self.settings().organisation_name, "NexWave Demo NZ")
		first = fresh_token(COMPANY)
		self.run_out()
		self.assertNotEqual(fresh_token(COMPANY).access_token, first.access_token)
		self.assertIn("accounts", organisation.fetch(COMPANY)["message"])

	def test_a_custom_connection_that_opens_another_organisation_writes_nothing(self) -> None:
		self.test_a_custom_connection_needs_no_browser()
		frappe.db.set_value(SETTINGS, COMPANY, {"tenant_id": "of-another", "organisation_name": "Kauri Ltd"})
		frappe.db.commit()
		self.run_out()
		with self.assertRaises(ReconnectRequired) as raised:
			fresh_token(COMPANY)
		self.assertIn("opens NexWave Demo NZ, but", str(raised.exception.sentence))
		self.assertIn("Kauri Ltd", str(raised.exception.sentence))

	def enable(self) -> None:
		organisation.fetch(COMPANY)
		settings = self.settings()
		settings.update(
			{
				"enabled": 1,
				"start_date": frappe.utils.add_days(frappe.utils.nowdate(), -30),
				"default_sales_account": "HBT-200",
				"rounding_account": "HBT-860",
			}
		)
		from nexwave_xero_connector.tests.bench_world import make_tax_template

		settings.append(
			"tax_mapping",
			{
				"template_type": "Item Tax Template",
				"template": make_tax_template(),
				"xero_tax_rate": "HBT-NONE",
			},
		)
		settings.save()
		frappe.db.commit()

	def submit(self):
		document = new_invoice(item_tax_template="No GST - HBT").submit()
		frappe.db.commit()
		return document

	def status_of(self, document) -> str:
		frappe.db.rollback()
		return frappe.db.get_value(LOG, {"reference_name": document.name, "is_latest": 1}, "status")


def make_user(name: str, *roles: str) -> str:
	if not frappe.db.exists("User", name):
		user = frappe.get_doc({"doctype": "User", "email": name, "first_name": name, "send_welcome_email": 0})
		user.insert(ignore_permissions=True)
		user.add_roles(*roles)
		frappe.db.commit()
	return name

"""A copy of a site sends nothing to Xero, however it was made and whatever button is pressed on it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import frappe
from frappe.installer import update_site_config
from frappe.utils import add_to_date, now_datetime

from nexwave_xero_connector.api import backfill, connection, mapping, organisation, orphans, sync
from nexwave_xero_connector.erp.connection.installation import CONFIG_KEY, ensure_installation, in_config
from nexwave_xero_connector.erp.connection.stored_password import stored_password
from nexwave_xero_connector.erp.connection.tokens import TOKEN_FIELDS, fresh_token
from nexwave_xero_connector.erp.doctypes import CONNECTION
from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox
from nexwave_xero_connector.jobs import sweep
from nexwave_xero_connector.jobs.fetch import fetch_every_organisation
from nexwave_xero_connector.jobs.orphan_check import check_daily
from nexwave_xero_connector.sync.errors import AnotherInstallation
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.tests.bench_sandbox import (
	connect_in_browser,
	connect_new_settings,
	consent_in_browser,
)
from nexwave_xero_connector.tests.bench_worker import running_worker
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG, clear
from nexwave_xero_connector.tests.records import make_company
from nexwave_xero_connector.tests.xero_test_case import XeroTest

PRODUCTION = "erp.example.com"
SETTINGS = "Xero Sync Settings"
OTHER, OTHER_ABBR = "Kowhai Gardens", "KWG"
OTHER_HOST = "worker-2"


class CopiedSiteTest(XeroTest):
	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(clear, OTHER)
		self.own_installation = ensure_installation()
		self.addCleanup(update_site_config, CONFIG_KEY, self.own_installation)
		frappe.local.response = frappe._dict()
		connect_in_browser(COMPANY, self.tenant)

	def restore_from(self, how: str) -> None:
		"""Turn this site into a copy of another one, in its database and in its configuration."""
		theirs = f"{PRODUCTION}/0123456789abcdef"
		if how == "another folder, without its configuration":
			self.database_says(theirs)
		elif how == "another folder, with its configuration":
			self.database_says(theirs)
			update_site_config(CONFIG_KEY, theirs)
		elif how == "the same folder, a configuration of its own":
			self.database_says(f"{frappe.local.site}/0123456789abcdef")
		elif how == "the same folder, without its configuration":
			update_site_config(CONFIG_KEY, "None")
		elif how == "connected before the update":
			self.database_says(None)
		else:
			raise ValueError(how)

	def database_says(self, installation: str | None) -> None:
		for name in frappe.get_all(CONNECTION, pluck="name"):
			frappe.db.set_value(CONNECTION, name, "installation", installation)
		frappe.db.commit()

	def banner(self, company: str = COMPANY) -> dict:
		settings = frappe.get_doc(SETTINGS, company)
		settings.run_method("onload")
		return settings.get("__onload").setup["banner"]


WAYS = (
	"another folder, without its configuration",
	"another folder, with its configuration",
	"the same folder, a configuration of its own",
	"the same folder, without its configuration",
	"connected before the update",
)


class TestACopySendsNothing(CopiedSiteTest):
	def test_no_button_or_job_reaches_xero(self) -> None:
		pushed, waiting = self.submit(), self.submit()
		sync.push_invoice(COMPANY, pushed.doctype, pushed.name)
		for how in WAYS:
			with self.subTest(how):
				self.become_ours_again()
				self.restore_from(how)
				frappe.db.set_value(
					CONNECTION, COMPANY, "expires_at", "2026-01-01"
				)  # would be refreshed, if that were possible
				frappe.db.commit()
				before = self.admin.marker()
				for way_in in self.ways_in(waiting):
					try:
						way_in()
					except (frappe.ValidationError, AnotherInstallation):
						frappe.db.rollback()
				self.assertEqual(self.admin.requests(before), [])
				outbox = FrappeOutbox()
				self.assertFalse(outbox.has_work(COMPANY))
				self.assertEqual(outbox.claim(COMPANY, 50, outbox.now() + Policy().lease), [])
				self.assertEqual(self.newest(waiting).status, "Queued")
				frappe.db.rollback()
				self.assertEqual(frappe.db.get_value(CONNECTION, COMPANY, "state"), "Connected")

		# A Cancel here leaves the original's invoice alone, and a new invoice stays here.
		pushed.reload()
		pushed.cancel()
		frappe.db.commit()
		sync.void(pushed.doctype, pushed.name)
		self.run_everything()
		self.assertEqual([entry["Status"] for entry in self.in_xero(pushed)], ["AUTHORISED"])
		self.assertEqual(self.in_xero(waiting), [])

	def become_ours_again(self) -> None:
		update_site_config(CONFIG_KEY, self.own_installation)
		self.database_says(self.own_installation)

	def ways_in(self, document: object) -> list[Callable[[], object]]:
		row = self.newest(document).name
		return [
			lambda: self.run_everything(),
			lambda: sync.push_invoice(COMPANY, document.doctype, document.name),
			lambda: sync.retry(document.doctype, document.name),
			lambda: orphans.check_company(COMPANY),
			lambda: orphans.check([row]),
			lambda: organisation.fetch(COMPANY),
			lambda: mapping.suggest(COMPANY),
			lambda: mapping.check(COMPANY),
			lambda: backfill.check(COMPANY, frappe.utils.getdate()),
			lambda: connection.organisations(COMPANY),
			lambda: connection.choose_organisation(COMPANY, self.tenant),
			lambda: connection.connect(COMPANY),
			lambda: fresh_token(COMPANY),
		]

	def run_everything(self) -> None:
		"""Everything that the queue and the scheduler call."""
		sync.push_invoice(COMPANY)
		sweep.enqueue_due()
		sweep.sweep()
		sweep.look_at_everything()
		fetch_every_organisation()
		check_daily()

	def test_rows_wait_with_the_reason_and_the_banner_names_the_site(self) -> None:
		document = self.submit()
		self.restore_from("another folder, with its configuration")
		frappe.db.set_value(
			LOG, self.newest(document).name, "queued_at", add_to_date(now_datetime(), minutes=-1)
		)
		frappe.db.commit()
		sweep.sweep()
		row = self.newest(document)
		self.assertEqual((row.status, row.is_stuck, row.needs_attention), ("Queued", 1, 1))
		self.assertIn(f"This is a copy of {PRODUCTION}", row.finding)
		self.assertEqual(self.banner()["cause"], f"This is a copy of {PRODUCTION}")
		self.assertEqual(self.banner()["ways_out"], ["connect", "disconnect"])
		self.assertEqual(self.banner()["waiting"], "Documents waiting: 1.")
		self.assertIn(f"copy of {PRODUCTION}", sync.retry(document.doctype, document.name)["message"])

	def test_a_configuration_without_its_line_names_the_host(self) -> None:
		self.restore_from("the same folder, without its configuration")
		self.assertIn(CONFIG_KEY, self.banner()["message"])
		self.assertIn(os.uname().nodename, self.banner()["message"])

	def test_disconnecting_the_copy_leaves_the_originals_consent_alone(self) -> None:
		tokens = {field: stored_password(CONNECTION, COMPANY, field) for field in TOKEN_FIELDS}
		self.restore_from("another folder, with its configuration")
		before = self.admin.marker()
		self.assertIn("Nothing was changed in Xero", connection.disconnect(COMPANY)["message"])
		self.assertEqual(self.admin.requests(before), [])
		self.assertEqual(stored_password(CONNECTION, COMPANY, "refresh_token"), "")
		# The original continues with its own tokens.
		from frappe.utils.password import set_encrypted_password

		for field, token in tokens.items():
			set_encrypted_password(CONNECTION, COMPANY, token, field)
		frappe.db.set_value(CONNECTION, COMPANY, "state", "Connected")
		self.become_ours_again()
		document = self.submit()
		sync.push_invoice(COMPANY)
		self.assertEqual(self.newest(document).status, "Success")


class TestTheWayOut(CopiedSiteTest):
	def test_connect_asks_first_and_then_the_copy_has_its_own_tokens(self) -> None:
		theirs = stored_password(CONNECTION, COMPANY, "refresh_token")
		self.restore_from("another folder, with its configuration")
		document = self.submit()
		asked = connection.connect(COMPANY)
		self.assertIn(PRODUCTION, asked["question"])
		self.assertNotIn("url", asked)
		self.connect_in_place_of_another()
		self.assertTrue(in_config().startswith(f"{frappe.local.site}/"))
		self.assertEqual(frappe.db.get_value(CONNECTION, COMPANY, "installation"), in_config())
		self.assertNotEqual(stored_password(CONNECTION, COMPANY, "refresh_token"), theirs)
		self.assertIsNone(self.banner())
		sync.push_invoice(COMPANY)
		self.assertEqual(self.newest(document).status, "Success")

	def test_the_other_companies_of_a_copy_stay_stopped(self) -> None:
		make_company(OTHER, OTHER_ABBR)
		connect_new_settings(OTHER, self.tenant)
		self.assertEqual(frappe.db.get_value(CONNECTION, OTHER, "installation"), self.own_installation)
		self.restore_from("another folder, with its configuration")
		self.connect_in_place_of_another()
		self.assertIsNone(self.banner())
		self.assertEqual(self.banner(OTHER)["cause"], f"This is a copy of {PRODUCTION}")
		with self.assertRaises(AnotherInstallation):
			fresh_token(OTHER)

	def test_after_an_update_somebody_has_to_confirm_once(self) -> None:
		self.restore_from("connected before the update")
		document = self.submit()
		sync.push_invoice(COMPANY)
		self.assertEqual(self.newest(document).status, "Queued")
		organisation_name = frappe.db.get_value(SETTINGS, COMPANY, "organisation_name")
		self.assertEqual(self.banner()["cause"], f"Does this site send to {organisation_name}?")
		self.assertEqual(self.banner()["ways_out"], ["confirm", "disconnect"])
		connection.confirm_installation(COMPANY)
		self.assertIsNone(self.banner())
		sync.push_invoice(COMPANY)
		self.assertEqual(self.newest(document).status, "Success")

	def test_a_copy_cannot_be_confirmed_as_the_original(self) -> None:
		self.restore_from("another folder, with its configuration")
		connection.confirm_installation(COMPANY)
		self.assertEqual(self.banner()["cause"], f"This is a copy of {PRODUCTION}")

	def connect_in_place_of_another(self) -> None:
		back = consent_in_browser(COMPANY, self.tenant, in_place_of_another_site=True)
		back.pop("scope")
		connection.callback(**back)


class TestWhatIsEndedInXero(CopiedSiteTest):
	def test_a_consent_that_covers_another_organisation_is_not_withdrawn(self) -> None:
		"""The same user has connected the other organisation with the same app, possibly on another site."""
		self.admin.mint(self.admin.tenant("AU"))
		before = self.admin.marker()
		connection.disconnect(COMPANY)
		self.assertEqual(self.admin.count(before, method="DELETE", path="/connections"), 1)
		self.assertEqual(self.admin.count(before, path="/connect/revocation"), 0)

	def test_a_connection_that_a_later_sign_in_uses_stays_in_xero(self) -> None:
		tokens = {field: stored_password(CONNECTION, COMPANY, field) for field in TOKEN_FIELDS}
		connect_in_browser(COMPANY, self.tenant)  # as on another site: the same user, app and organisation
		from frappe.utils.password import set_encrypted_password

		for field, token in tokens.items():
			set_encrypted_password(CONNECTION, COMPANY, token, field)
		frappe.db.commit()
		before = self.admin.marker()
		self.assertIn("remains connected in Xero", connection.disconnect(COMPANY)["message"])
		self.assertEqual(self.admin.count(before, method="DELETE"), 0)
		self.assertEqual(self.admin.count(before, path="/connect/revocation"), 0)


class TestConfigurationThatDoesNotKeepIt(CopiedSiteTest):
	def setUp(self) -> None:
		super().setUp()
		if os.geteuid():
			self.skipTest("needs root, to mount a file over the site's configuration")

	def test_connect_shows_the_line_to_add_if_the_file_cannot_be_written(self) -> None:
		update_site_config(CONFIG_KEY, "None")
		before = self.admin.marker()
		with read_only(config_file()):
			with self.assertRaises(frappe.ValidationError) as said:
				connection.connect(COMPANY, in_place_of_another_site=True)
		self.assertIn(f'"{CONFIG_KEY}": "{frappe.local.site}/', unescape(str(said.exception)))
		self.assertIn(os.uname().nodename, str(said.exception))
		self.assertEqual(self.admin.requests(before), [])

	def test_connect_names_the_host_of_a_worker_whose_file_lacks_it(self) -> None:
		with tempfile.NamedTemporaryFile("w", suffix=".json") as other:
			config = frappe.get_file_json(str(config_file()))
			config.pop(CONFIG_KEY)
			other.write(frappe.as_json(config))
			other.flush()
			with running_worker(self.queue, prefix=on_another_host(other.name)):
				with self.assertRaises(frappe.ValidationError) as said:
					connection.connect(COMPANY)
				self.assertIn(OTHER_HOST, str(said.exception))
				self.assertIn(self.own_installation, str(said.exception))
				# A document submitted in the meantime is not sent from there.
				document = self.submit()
				self.wait_for_job()
				self.assertEqual(self.newest(document).status, "Queued")


def config_file() -> Path:
	return Path(frappe.get_site_path("site_config.json")).resolve()


@contextmanager
def read_only(file: Path) -> Iterator[None]:
	"""Root can write to a file whatever its mode is, but not to one that is mounted read-only."""
	subprocess.run(["mount", "--bind", file, file], check=True)
	try:
		subprocess.run(["mount", "-o", "remount,bind,ro", file], check=True)
		yield
	finally:
		subprocess.run(["umount", file], check=True)


def on_another_host(config: str) -> list[str]:
	"""A prefix that runs a command as if on another machine, with this file as the site's configuration."""
	become = f"hostname {OTHER_HOST} && mount --bind '{config}' '{config_file()}' && exec \"$@\""
	return ["unshare", "--uts", "--mount", "sh", "-c", become, sys.argv[0]]

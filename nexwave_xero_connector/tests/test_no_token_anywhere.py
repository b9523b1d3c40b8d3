"""After everything that can happen to a connection, no Xero token is in any log, table or queue."""

from __future__ import annotations

import base64
import os
import tempfile
import time
import zlib
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import frappe
import frappe.client
import redis
from frappe.desk import reportview
from frappe.desk.form.load import getdoc
from frappe.utils.background_jobs import execute_job

from nexwave_xero_connector.api import connection, organisation
from nexwave_xero_connector.erp.connection.tokens import fresh_token
from nexwave_xero_connector.erp.doctypes import CONNECTION, SETTINGS
from nexwave_xero_connector.tests import secrets_scan
from nexwave_xero_connector.tests.bench_sandbox import (
	connect_in_browser,
	consent_in_browser,
	use_app,
)
from nexwave_xero_connector.tests.bench_worker import running_redis, running_worker
from nexwave_xero_connector.tests.bench_world import (
	COMPANY,
	LOG,
	make_tax_template,
	new_invoice,
)
from nexwave_xero_connector.tests.mapping_test_case import MappingTestCase

PUSH = "nexwave_xero_connector.api.sync.push_invoice"
EVERY_ROLE = "xero-every-role@example.com"
PATIENCE_SECONDS = 60
MANAGED_BY_FRAPPE = ("Administrator", "Guest", "All", "Desk User")


class Bug(Exception):
	"""A bug of ours, in the middle of a call."""


class TestNoTokenAnywhere(MappingTestCase):
	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		from sandbox.xero.launcher import SECRETS_FILE

		folder = tempfile.TemporaryDirectory()
		cls.addClassCleanup(folder.cleanup)
		# A run of all tests may already record the tokens of all sandboxes in a file.
		cls.secrets_file = Path(os.environ.get(SECRETS_FILE) or Path(folder.name) / "secrets")
		environment = patch.dict(os.environ, {SECRETS_FILE: str(cls.secrets_file)})
		environment.start()
		cls.addClassCleanup(environment.stop)

	def clear(self) -> None:
		frappe.set_user("Administrator")
		super().clear()
		frappe.db.delete("Error Log", {"method": ("in", (PUSH, "Xero: planted"))})
		frappe.db.commit()

	def secrets(self) -> set[str]:
		return secrets_scan.read_secrets(self.secrets_file)

	def test_after_everything_that_can_happen(self) -> None:
		with running_redis() as queue:
			self.enable()
			with running_worker(queue):
				for template, status in (("No GST - HBT", "Success"), ("", "Failed")):
					self.wait_for(self.submit(template), status)
			self.bugs_in_the_worker()
			self.lost_connections()
			connection.disconnect(COMPANY)
			self.custom_connection()
			secrets = self.secrets()
			# An access, a refresh and an identity token for each sign-in, and the apps' secrets.
			self.assertGreater(len(secrets), 20)
			self.assertGreater(frappe.db.count("Error Log", {"method": PUSH}), 3)
			self.assertEqual(secrets_scan.find_secrets(secrets), [])

	def bugs_in_the_worker(self) -> None:
		"""Wherever a bug strikes, Frappe writes the local variables of every frame to the Error Log."""
		for place, needs_refresh in (
			("urllib3.PoolManager.request", False),
			("requests.Session.send", True),
			("frappe.utils.password.encrypt", True),
			("the table of passwords", True),
			("nexwave_xero_connector.sync.drain.push", False),
		):
			with self.subTest(place):
				if needs_refresh:
					self.run_out()
				self.submit("No GST - HBT")
				self.assertRaises((Bug, frappe.db.InternalError), self.strike, place)
				frappe.db.rollback()

	def strike(self, place: str) -> None:
		job = {"site": frappe.local.site, "method": PUSH, "event": None, "job_name": None, "is_async": False}
		with storing_fails() if " " in place else patch(place, side_effect=Bug):
			execute_job(kwargs={"company": COMPANY}, **job)

	def lost_connections(self) -> None:
		from sandbox.xero.seed.organisations import DEMO_APP

		for break_it in (
			lambda: self.xero.admin.fault(
				"garbage_after", method="POST", path="/connect/token", body="<html>"
			),
			lambda: self.xero.admin.fault("error_after", method="POST", path="/connect/token"),
			lambda: self.xero.admin.fault("garbage_after", method="GET", path="/Organisation", body="<html>"),
			lambda: self.xero.admin.fault("error_before", method="GET", path="/Accounts", status=500),
			lambda: use_app(DEMO_APP[0], "a-secret-that-is-not-it"),
			lambda: self.xero.admin.disconnect(self.nz),
			lambda: self.xero.admin.advance(61 * 24 * 3600),
		):
			self.run_out()
			break_it()
			with self.assertRaises(frappe.ValidationError):
				organisation.fetch(COMPANY)
			frappe.log_error("Xero: a report of a refusal")
			use_app(*DEMO_APP)
			connect_in_browser(COMPANY, self.nz)
			back = consent_in_browser(COMPANY, self.nz)
			connection.callback(state=back["state"], code="spent")
		connect_in_browser(COMPANY, self.nz)

	def custom_connection(self) -> None:
		from sandbox.xero.seed.organisations import CUSTOM_APP

		settings = frappe.get_doc(SETTINGS, COMPANY)
		settings.connection_type = "Custom Connection"
		settings.save()
		connection.save_app(COMPANY, *CUSTOM_APP)
		frappe.db.commit()
		connection.connect(COMPANY)
		organisation.fetch(COMPANY)

	def test_the_scan_finds_planted_secrets(self) -> None:
		token = fresh_token(COMPANY)
		planted = Path(frappe.get_site_path("logs")) / "xero-planted.log"
		self.addCleanup(planted.unlink, missing_ok=True)
		planted.write_text(f"half of it: {token.refresh_token[10:35]}")
		frappe.log_error("Xero: planted", f"Authorization: Bearer {token.access_token[:400]}")
		frappe.db.commit()
		secret = frappe.get_doc("Connected App", "Xero").get_password("client_secret")
		with running_redis() as queue:
			there = redis.Redis.from_url(queue)
			there.hset("rq:job:planted", "data", zlib.compress(token.access_token.encode()))
			there.set("planted", base64.b64encode(f"an-app:{secret}".encode()))
			found = secrets_scan.find_secrets(self.secrets())
		self.assertEqual(
			sorted(found),
			[
				f"file {planted}",
				"redis_queue, key planted",
				"redis_queue, key rq:job:planted",
				"table tabError Log, column error",
			],
		)

	def test_the_tokens_are_encrypted_in_their_table(self) -> None:
		token = fresh_token(COMPANY)
		stored = frappe.db.sql(
			"select fieldname, password, encrypted from __Auth where doctype = %s", CONNECTION
		)
		self.assertEqual(sorted(row[0] for row in stored), ["access_token", "refresh_token"])
		for _field, password, encrypted in stored:
			self.assertTrue(encrypted)
			self.assertNotIn(password, (token.access_token, token.refresh_token))

	def test_no_role_reads_them_over_the_api(self) -> None:
		"""Roles add up, so a user with every role can read whatever any of them can. Administrator is tried too."""
		connection.app(COMPANY)
		for user in (self.user_with_every_role(), "Administrator"):
			frappe.set_user(user)
			for read in READS:
				with self.subTest(f"{user}: {read.__name__}"):
					frappe.local.response = frappe._dict(docs=[])
					frappe.local.form_dict = frappe._dict()
					try:
						shown = frappe.as_json([read(), frappe.local.response])
					except (frappe.PermissionError, frappe.DoesNotExistError, frappe.ValidationError):
						shown = ""
					needles = secrets_scan.Needles(self.secrets())
					self.assertFalse(needles.are_in(shown.encode()), shown)

	def user_with_every_role(self) -> str:
		if not frappe.db.exists("User", EVERY_ROLE):
			user = {"doctype": "User", "email": EVERY_ROLE, "first_name": "Every", "send_welcome_email": 0}
			frappe.get_doc(user).insert()
		user = frappe.get_doc("User", EVERY_ROLE)
		user.add_roles(*frappe.get_all("Role", {"name": ("not in", MANAGED_BY_FRAPPE)}, pluck="name"))
		frappe.db.commit()
		return EVERY_ROLE

	def run_out(self) -> None:
		frappe.db.set_value(CONNECTION, COMPANY, "expires_at", datetime(2026, 1, 1))
		frappe.db.commit()

	def enable(self) -> None:
		organisation.fetch(COMPANY)
		settings = frappe.get_doc(SETTINGS, COMPANY)
		template = make_tax_template()
		settings.update(
			{
				"enabled": 1,
				"start_date": frappe.utils.nowdate(),
				"default_sales_account": "HBT-200",
				"rounding_account": "HBT-860",
				"tax_mapping": [
					{"template_type": "Item Tax Template", "template": template, "xero_tax_rate": "HBT-NONE"}
				],
			}
		)
		settings.save()
		frappe.db.commit()

	def submit(self, item_tax_template: str) -> str:
		values = {"item_tax_template": item_tax_template} if item_tax_template else {}
		document = new_invoice(**values).submit()
		frappe.db.commit()
		return document.name

	def wait_for(self, name: str, status: str) -> None:
		end = time.monotonic() + PATIENCE_SECONDS
		row = None
		while time.monotonic() < end:
			frappe.db.rollback()
			row = frappe.db.get_value(
				LOG, {"reference_name": name, "is_latest": 1}, ["status", "message"], as_dict=True
			)
			if row and row.status == status:
				return
			time.sleep(0.2)
		self.fail(row)


def storing_fails():
	"""The database fails just when a new token is written."""
	query = frappe.db.sql

	def sql(statement: object, *arguments: object, **options: object) -> object:
		if "INSERT INTO `__Auth`" in str(statement):
			raise frappe.db.InternalError(1021, "Disk full")
		return query(statement, *arguments, **options)

	return patch.object(frappe.db, "sql", sql)


def get_document() -> object:
	return frappe.client.get(CONNECTION, COMPANY)


def get_value() -> object:
	return frappe.client.get_value(CONNECTION, ["access_token", "refresh_token"], {"name": COMPANY})


def get_password() -> object:
	return frappe.client.get_password(CONNECTION, COMPANY, "access_token")


def get_the_secret() -> object:
	return [frappe.client.get("Connected App", "Xero"), connection.app(COMPANY)]


def get_list() -> object:
	return frappe.client.get_list(CONNECTION, fields=["*"])


def get_list_of_passwords() -> object:
	return frappe.client.get_list("__Auth", fields=["*"])


def list_view() -> object:
	fields = '["`tabXero Connection`.`access_token`", "`tabXero Connection`.`refresh_token`"]'
	frappe.local.form_dict = frappe._dict(doctype=CONNECTION, fields=fields)
	return reportview.get()


def form() -> object:
	getdoc(CONNECTION, COMPANY)
	return frappe.local.response


def settings_form() -> object:
	getdoc(SETTINGS, COMPANY)
	return frappe.local.response


READS = (
	get_document,
	get_value,
	get_password,
	get_the_secret,
	get_list,
	get_list_of_passwords,
	list_view,
	form,
	settings_form,
)

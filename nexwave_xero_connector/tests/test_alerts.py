"""Frappe's own alerts on the log: a Notification, a Webhook and an Assignment Rule, each once for a row."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.api import retry
from nexwave_xero_connector.install import NOTIFICATION, add_notification
from nexwave_xero_connector.jobs.alert import alert
from nexwave_xero_connector.patches.v1_0 import note_document_owners
from nexwave_xero_connector.tests.bench_world import LOG
from nexwave_xero_connector.tests.browser.session import make_user
from nexwave_xero_connector.tests.erpnext_operations import OperationsTest

CLERK = "xero-alerts-clerk@example.com"


class TestAlerts(OperationsTest):
	def setUp(self) -> None:
		super().setUp()
		frappe.clear_cache()  # Frappe 16 keeps a Webhook that was deleted
		make_user(CLERK, "Accounts User")
		frappe.db.delete("Notification Log", {"document_type": LOG})
		frappe.db.commit()

	def failed(self) -> Document:
		"""A document of the clerk's that Xero cannot get: its row needs attention."""
		frappe.set_user(CLERK)
		try:
			document = self.submit()
		finally:
			frappe.set_user("Administrator")
		frappe.db.set_value(
			"Xero Account", {"company": document.company, "code": "200"}, "status", "ARCHIVED"
		)
		self.push()
		frappe.db.set_value("Xero Account", {"company": document.company, "code": "200"}, "status", "ACTIVE")
		frappe.db.commit()
		self.assertEqual(self.newest(document).needs_attention, 1)
		return document

	def enable(self, **values: object) -> None:
		notification = frappe.get_doc("Notification", NOTIFICATION)
		notification.update({"enabled": 1, **values}).save()
		self.addCleanup(restore)
		frappe.db.commit()

	def told(self) -> list[tuple[str, str]]:
		found = frappe.get_all(
			"Notification Log", {"document_type": LOG, "for_user": CLERK}, ["document_name", "subject"]
		)
		return [(row.document_name, row.subject) for row in found]

	def test_the_notification_is_shipped_disabled(self) -> None:
		self.assertEqual(frappe.db.get_value("Notification", NOTIFICATION, ["enabled", "event"]), (0, "Save"))
		self.failed()
		alert()
		self.assertEqual(self.told(), [])

	def test_the_owner_of_the_document_is_told_once(self) -> None:
		self.enable()
		document = self.failed()
		self.assertEqual(self.told(), [])
		for _time in range(2):
			alert()
		row = self.newest(document)
		self.assertEqual(row.document_owner, CLERK)
		subject = f"{document.name} needs attention in the Xero Sync Log"
		self.assertEqual(self.told(), [(row.name, subject)])

	def test_each_later_row_that_needs_attention_has_its_own_event(self) -> None:
		self.enable()
		document = self.failed()
		alert()
		frappe.db.set_value(
			"Xero Account", {"company": document.company, "code": "200"}, "status", "ARCHIVED"
		)
		retry.retry(document.doctype, document.name)
		self.push()
		alert()
		self.assertEqual(len(self.told()), 2)

	def test_what_does_not_need_attention_any_more_has_none(self) -> None:
		self.enable()
		document = self.failed()
		retry.retry(document.doctype, document.name)
		self.push()
		self.assertEqual(self.status(document), "Success")
		alert()
		self.assertEqual(self.told(), [])

	def test_a_webhook_gets_the_row_once(self) -> None:
		with listening() as (url, received):
			self.make(
				"Webhook",
				name="Xero Alerts Webhook",
				webhook_doctype=LOG,
				webhook_docevent="on_update",
				condition="doc.needs_attention",
				request_url=url,
				request_method="POST",
				request_structure="JSON",
				webhook_json='{"document": "{{ doc.reference_name }}", "status": "{{ doc.status }}"}',
			)
			document = self.failed()
			self.assertEqual(received, [])
			for _time in range(2):
				alert()
			self.assertEqual(received, [{"document": document.name, "status": "Failed"}])

	def test_an_assignment_rule_assigns_the_row(self) -> None:
		days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
		rule = {
			"name": "Xero Alerts Rule",
			"document_type": LOG,
			"description": "{{ reference_name }} is not in Xero",
			"assign_condition": "needs_attention",
			"rule": "Round Robin",
			"users": [{"user": CLERK}],
			"assignment_days": [{"day": day} for day in days],
		}
		self.make("Assignment Rule", **rule)
		document = self.failed()
		for _time in range(2):
			alert()
		todos = frappe.get_all(
			"ToDo",
			{"reference_type": LOG, "reference_name": self.newest(document).name},
			["allocated_to", "description"],
		)
		self.assertEqual(
			[(todo.allocated_to, document.name in todo.description) for todo in todos], [(CLERK, True)]
		)
		frappe.db.delete("ToDo", {"reference_type": LOG})

	def test_a_failing_notification_hinders_nothing(self) -> None:
		"""Neither the document, nor another notification, nor a webhook, nor another row."""
		self.enable()
		self.make(
			"Notification",
			name="Xero Alerts Broken",
			subject="Broken",
			enabled=1,
			channel="System Notification",
			document_type=LOG,
			event="Save",
			condition="doc.needs_attention and 1 / (1 - doc.needs_attention)",
			message="Broken",
			recipients=[{"receiver_by_document_field": "document_owner"}],
		)
		with listening() as (url, received):
			self.make(
				"Webhook",
				name="Xero Alerts Webhook",
				webhook_doctype=LOG,
				webhook_docevent="on_update",
				request_url=url,
				request_method="POST",
				request_structure="JSON",
				webhook_json='{"document": "{{ doc.reference_name }}"}',
			)
			one, two = self.failed(), self.failed()
			alert()
			names = [one.name, two.name]
			self.assertEqual(sorted(entry["document"] for entry in received), names)
		self.assertEqual(len(self.told()), 2)
		errors = frappe.get_all("Error Log", {"method": ("like", "Xero: an alert on %")}, pluck="name")
		self.assertEqual(len(errors), 2)
		for document in (one, two):
			retry.retry(document.doctype, document.name)
		self.push()
		self.assertEqual([self.status(one), self.status(two)], ["Success", "Success"])

	def test_a_submit_runs_none_of_it(self) -> None:
		self.enable(condition="")
		document = self.submit()
		frappe.get_doc(document.doctype, document.name).cancel()
		frappe.db.commit()
		self.assertEqual(self.told(), [])

	def test_rows_from_before_get_their_owner(self) -> None:
		document = self.failed()
		row = self.newest(document).name
		frappe.db.set_value(LOG, row, "document_owner", None)
		note_document_owners.execute()
		self.assertEqual(frappe.db.get_value(LOG, row, "document_owner"), CLERK)


def restore() -> None:
	frappe.db.rollback()
	frappe.delete_doc("Notification", NOTIFICATION, force=True)
	add_notification()
	frappe.db.commit()


@contextmanager
def listening() -> Iterator[tuple[str, list[dict]]]:
	"""A server on this machine, and what was posted to it."""
	received: list[dict] = []

	class Handler(BaseHTTPRequestHandler):
		def do_POST(self) -> None:
			received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
			self.send_response(200)
			self.end_headers()

		def log_message(self, *args: object) -> None:
			pass

	server = HTTPServer(("127.0.0.1", 0), Handler)
	threading.Thread(target=server.serve_forever, daemon=True).start()
	try:
		yield f"http://127.0.0.1:{server.server_port}/", received
	finally:
		server.shutdown()
		server.server_close()

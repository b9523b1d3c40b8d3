"""The accountant's actions: bulk Retry and Void, Mark as Handled, earlier documents, preview, and notifications."""

from unittest.mock import patch

import frappe
from frappe.utils import add_days, now_datetime, nowdate

from nexwave_xero_connector.api import backfill, bulk, invoice, preview
from nexwave_xero_connector.erp.outbox import document_events, stuck
from nexwave_xero_connector.erp.rendering import message
from nexwave_xero_connector.jobs import digest, sweep
from nexwave_xero_connector.sentence import DocLink, Sentence
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
from nexwave_xero_connector.tests.browser.session import make_user
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.records import make_account, make_company, make_tax_rate

MANAGER, STRANGER = "xero-digest-manager@example.com", "xero-digest-stranger@example.com"


class TestDeskActions(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(clear)
		self.addCleanup(frappe.set_user, "Administrator")
		self.world = BenchWorld()
		self.map_no_gst()

	def map_no_gst(self) -> None:
		uses = {"can_apply_to_revenue": 1, "can_apply_to_liabilities": 1}
		rate = make_tax_rate(COMPANY, "NONE", tax_rate_name="No GST", effective_rate=0, **uses)
		settings = frappe.get_doc("Xero Sync Settings", COMPANY)
		settings.default_sales_account = make_account(COMPANY, "200")
		template = {"template_type": "Item Tax Template", "template": make_tax_template()}
		settings.append("tax_mapping", template | {"xero_tax_rate": rate})
		settings.save()
		frappe.db.commit()

	def unknown(self, **values: object):
		"""An invoice submitted before the connector was installed."""
		with patch.object(document_events, "harmlessly", return_value=True):
			document = new_invoice(**values).submit()
		frappe.db.commit()
		return document

	def failed(self):
		document = new_invoice().submit()
		values = {"status": "Failed", "due_at": None, "needs_attention": 1, "message": "No tax mapping."}
		frappe.db.set_value(LOG, {"reference_name": document.name}, values)
		frappe.db.commit()
		return document

	def newest(self, document) -> frappe._dict:
		return self.world.rows(ref_of(document))[-1]

	def test_each_of_many_has_its_own_result(self) -> None:
		failed, draft = self.failed(), new_invoice()
		frappe.db.commit()
		answers = bulk.retry("Sales Invoice", [failed.name, draft.name, "SINV-NONE"])
		self.assertEqual([answer["done"] for answer in answers], [True, False, False])
		self.assertIn("is a draft", answers[1]["message"])
		self.assertEqual(frappe.get_message_log(), [])
		frappe.db.commit()
		self.assertEqual(self.newest(failed).status, "Queued")

	def test_more_than_twenty_at_once_are_refused(self) -> None:
		with self.assertRaisesRegex(frappe.ValidationError, "At most 20"):
			bulk.retry("Sales Invoice", [f"SINV-{number}" for number in range(21)])

	def test_marking_as_handled_needs_a_reason_and_changes_nothing_else(self) -> None:
		document = self.failed()
		row = self.newest(document)
		with self.assertRaisesRegex(frappe.ValidationError, "how this was handled"):
			bulk.mark_handled([row.name], "  ")
		self.assertTrue(bulk.mark_handled([row.name], "Entered in Xero by hand")[0]["done"])
		self.assertFalse(bulk.mark_handled([row.name], "Again")[0]["done"])
		frappe.db.commit()
		after = self.newest(document)
		self.assertEqual((after.needs_attention, after.handled_reason), (0, "Entered in Xero by hand"))
		self.assertEqual((after.status, after.message, after.due_at), (row.status, row.message, None))

	def test_no_html_tag_is_stored_from_the_words_of_others(self) -> None:
		"""Frappe's forms, reports and prints would show it as HTML."""
		document = self.failed()
		row = self.newest(document)
		self.assertTrue(bulk.mark_handled([row.name], "<b onclick=alert(1)>By hand</b>")[0]["done"])
		frappe.db.commit()
		self.assertNotIn("<", self.newest(document).handled_reason)
		told = message(Sentence("Xero says: {it} of {link}", it="<i>no</i>", link=DocLink("Item", "<i>")))
		self.assertNotIn("<", told["message"])
		self.assertIn(frappe.parse_json(told["message_links"])[0]["label"], told["message"])

	def test_after_a_retry_the_failed_row_no_longer_needs_attention(self) -> None:
		document = self.failed()
		bulk.retry(LOG, [self.newest(document).name])
		frappe.db.commit()
		self.assertEqual(frappe.db.count(LOG, {"company": COMPANY, "needs_attention": 1}), 0)

	@patch.object(stuck, "scheduler_trouble", return_value=None)
	def test_a_stuck_row_needs_attention(self, _running: object) -> None:
		document = new_invoice().submit()
		frappe.db.set_value(LOG, {"reference_name": document.name}, "queued_at", add_days(nowdate(), -1))
		frappe.db.commit()
		sweep.sweep()
		row = self.newest(document)
		self.assertEqual((row.is_stuck, row.needs_attention, row.finding), (1, 1, None))

	@patch.object(stuck, "scheduler_trouble", return_value=None)
	def test_a_stuck_row_says_why_if_the_whole_company_waits(self, _running: object) -> None:
		document = new_invoice().submit()
		frappe.db.set_value(LOG, {"reference_name": document.name}, "queued_at", add_days(nowdate(), -1))
		frappe.db.set_value("Xero Connection", COMPANY, {"state": "Reconnect needed", "last_error": "Gone."})
		frappe.db.commit()
		sweep.sweep()
		self.assertEqual(self.newest(document).finding, "Gone.")
		frappe.db.set_value("Xero Connection", COMPANY, "state", "Connected")
		frappe.db.commit()
		sweep.sweep()
		self.assertIsNone(self.newest(document).finding)

	def test_a_backfill_that_makes_progress_is_not_stuck(self) -> None:
		moving, waiting = new_invoice().submit(), new_invoice().submit()
		old = {"queued_at": add_days(nowdate(), -1), "triggered_by": "Backfill"}
		done = {"status": "Success", "due_at": None, "finished_at": now_datetime()}
		frappe.db.set_value(LOG, {"reference_name": waiting.name}, old)
		frappe.db.set_value(LOG, {"reference_name": moving.name}, old | done)
		frappe.db.commit()
		sweep.sweep()
		self.assertEqual(self.newest(waiting).is_stuck, 0)
		long_ago = add_days(nowdate(), -1)
		frappe.db.set_value(LOG, {"reference_name": moving.name}, "finished_at", long_ago)
		frappe.db.commit()
		sweep.sweep()
		self.assertEqual(self.newest(waiting).is_stuck, 1)

	def test_earlier_documents_are_counted_checked_and_then_queued(self) -> None:
		template = f"No GST - {ABBR}"
		early = {"posting_date": add_days(nowdate(), -60), "set_posting_time": 1}
		good = [self.unknown(item_tax_template=template, **early) for _ in range(3)]
		bad, free = self.unknown(**early), self.unknown(rate=0, **early)
		pushed = new_invoice(item_tax_template=template).submit()
		frappe.db.commit()
		since = add_days(nowdate(), -90)
		self.assertEqual(backfill.count(COMPANY, since), 5)
		with patch.object(backfill, "CHECK_BATCH_SIZE", 2):
			parts = all_parts(lambda after: backfill.check(COMPANY, since, after))
		self.assertEqual(sum(part["checked"] for part in parts), 5)
		self.assertEqual(sum(part["left_out"] for part in parts), 1)
		failing = [problem for part in parts for problem in part["failing"]]
		self.assertEqual([problem["name"] for problem in failing], [bad.name])
		self.assertIn("No tax mapping", failing[0]["message"])
		self.assertEqual(self.world.rows(ref_of(good[0])), [], "a check queues nothing")
		with patch.object(backfill, "QUEUE_BATCH_SIZE", 2):
			parts = all_parts(lambda after: backfill.queue(COMPANY, since, after))
		frappe.db.commit()
		self.assertEqual(sum(part["queued"] for part in parts), 4)
		for document in [*good, bad]:
			row = self.newest(document)
			self.assertEqual((row.status, row.triggered_by), ("Queued", "Backfill"))
		self.assertEqual(self.newest(free).status, "Skipped")
		self.assertEqual(len(self.world.rows(ref_of(pushed))), 1)
		again = backfill.queue(COMPANY, since)
		self.assertEqual(again["queued"], 0)

	def test_a_draft_shows_what_would_be_sent_to_xero(self) -> None:
		draft = new_invoice(item_tax_template=f"No GST - {ABBR}", rate=1200)
		shown = preview.preview("Sales Invoice", draft.name)
		self.assertEqual(shown["problems"], [])
		(line,) = shown["lines"]
		self.assertEqual(
			(line["account"], line["tax"], line["amount"]), ("200 Sales", "No GST (NONE)", "1,200.00")
		)
		self.assertEqual((shown["total"], shown["currency"]), ("1,200.00", "NZD"))

	def test_a_draft_names_every_problem_before_it_is_submitted(self) -> None:
		draft = new_invoice()
		shown = preview.preview("Sales Invoice", draft.name)
		self.assertIn("No tax mapping", shown["problems"][0]["message"])
		self.assertIn('"fieldname": "untaxed_sales_tax_rate"', shown["problems"][0]["message_links"])
		self.assertNotIn("lines", shown)

	def test_the_invoice_list_finds_documents_never_sent_to_xero(self) -> None:
		unknown, failed = self.unknown(), self.failed()
		self.assertIn(unknown.name, invoice.names_by_state("Sales Invoice", "Not in Xero"))
		self.assertNotIn(failed.name, invoice.names_by_state("Sales Invoice", "Not in Xero"))
		self.assertIn(failed.name, invoice.names_by_state("Sales Invoice", "Failed"))

	def test_one_notification_has_everything_new_in_the_users_own_companies(self) -> None:
		make_company("Xero Elsewhere Ltd", "XEL")
		make_user(MANAGER, "Accounts Manager")
		make_user(STRANGER, "Accounts Manager", company="Xero Elsewhere Ltd")
		frappe.db.delete("Notification Log", {"for_user": ("in", (MANAGER, STRANGER))})
		documents = [self.failed() for _ in range(3)]
		frappe.db.set_value(
			LOG, {"reference_name": documents[0].name}, "message", "<img src=x onerror=alert(1)>"
		)
		for _ in range(2):
			digest.send_digest()
		(told,) = self.told(MANAGER)
		self.assertIn("3 documents need attention", told.subject)
		self.assertNotIn("<img", told.email_content)
		self.assertEqual(self.told(STRANGER), [])
		self.failed()
		digest.send_digest()
		self.assertEqual(len(self.told(MANAGER)), 2)

	def told(self, user: str) -> list[frappe._dict]:
		filters = {"for_user": user, "document_type": LOG}
		return frappe.get_all("Notification Log", filters=filters, fields=["subject", "email_content"])


def all_parts(ask) -> list[dict[str, object]]:
	parts = [ask(None)]
	while parts[-1]["after"]:
		parts.append(ask(parts[-1]["after"]))
	return parts

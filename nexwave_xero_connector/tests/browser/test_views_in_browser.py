"""Each view in a real browser: what it shows, that it fits, and that no text in it is ever run as HTML."""

from __future__ import annotations

import re
import unittest
from datetime import timedelta

import frappe
from frappe.email.email_body import get_formatted_html
from frappe.utils import now_datetime

from nexwave_xero_connector.api import bulk
from nexwave_xero_connector.erp.outbox.log import next_row, supersede
from nexwave_xero_connector.jobs import digest
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.records import Outcome, Status
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, LOG, clear, new_invoice
from nexwave_xero_connector.tests.browser.desk_test_case import (
	CLERK,
	MANAGER,
	NO_GST,
	PHONE,
	DeskTest,
	gst_row,
	missing,
	party,
)
from nexwave_xero_connector.tests.browser.pictures import overflowing, take_picture
from nexwave_xero_connector.tests.browser.session import open_route, settle

MISSING = missing()
if not MISSING:
	from playwright.sync_api import Page, expect

	expect.set_options(timeout=30_000)
EVIL = "<img src=x onerror=window.hacked=1>"
SETTINGS = "Xero Sync Settings"


@unittest.skipIf(MISSING, f"the browser tests need: {MISSING}")
class TestViewsInBrowser(DeskTest):
	def show(self, page: Page, name: str) -> None:
		"""Take a picture of it, and check that it fits."""
		settle(page)
		take_picture(page, name)
		self.assertEqual(overflowing(page), [], name)

	def test_the_log_and_the_workspace_show_the_state_of_each_document(self) -> None:
		day = self.a_day()
		page = self.page(MANAGER, "xero-sync-log")
		labels = {"stuck": "Stuck", "orphan": "Orphan", "failed": "Failed", "good": "Success"}
		for name, label in labels.items():
			expect(self.row(page, day[name])).to_contain_text(label)
		expect(self.chip(page, "Needs Attention")).to_contain_text("3")
		expect(self.chip(page, "All Documents")).to_have_class(re.compile("active"))
		self.show(page, "log-list")
		open_route(page, "sales-invoice")
		expect(page.locator(".xero-pill", has_text="Orphan")).to_be_visible()
		self.show(page, "invoice-list")
		open_route(page, f"sales-invoice/{day['failed'].name}")
		expect(page.locator(".xero-headline")).to_contain_text("No tax mapping")
		self.show(page, "invoice-failed")
		open_route(page, f"xero-sync-log/{self.newest(day['orphan']).name}")
		expect(page.locator(".xero-sentence")).to_contain_text("Payment of 15.00")
		self.show(page, "log-orphan")
		self.open_workspace(page)
		for card, number in (
			("Needs Attention", "3"),
			("Stuck", "1"),
			("Orphans", "1"),
			("Waiting", "1"),
			("In Xero Today", "6"),
			("Calls Left Today", r"\d"),
		):
			title = page.locator(".widget-title", has_text=re.compile(f"^\\s*{card}\\s*$"))
			box = page.locator(".number-widget-box", has=title)
			expect(box.locator(".number")).to_contain_text(re.compile(number))
		expect(page.locator(".quick-list-item", has_text=COMPANY)).to_contain_text("Connected")
		self.show(page, "workspace")

	def test_the_quick_filters_show_what_they_say(self) -> None:
		day = self.a_day()
		page = self.page(MANAGER, "xero-sync-log")
		for label, shown in (
			("Needs Attention", {"failed", "orphan", "stuck"}),
			("Stuck", {"stuck"}),
			("Failed", {"failed"}),
			("Orphans", {"orphan"}),
			("Waiting", {"stuck"}),
			("All Documents", set(day)),
		):
			self.chip(page, label).click()
			expect(self.chip(page, label)).to_have_class(re.compile("active"))
			for name, document in day.items():
				rows = page.locator(".result .list-row", has_text=document.name)
				expect(rows, f"{label}: {name}").to_have_count(int(name in shown))
		# Older attempts are one click away, and another filter is kept with each of these.
		page.locator("[data-fieldname='party'] input").first.fill("Waikato Print House")
		page.locator("[data-fieldname='party'] input").first.press("Enter")
		expect(page.locator(".result .list-row")).to_have_count(1)
		self.chip(page, "All Attempts").click()
		expect(page.locator(".result .list-row")).to_have_count(2)
		self.chip(page, "Failed").click()
		expect(page.locator(".result .list-row")).to_have_count(0)
		expect(self.chip(page, "Failed").locator(".xero-count")).to_have_text("")

	def test_documents_fixed_by_hand_are_marked_as_handled(self) -> None:
		self.worker_runs()
		documents = self.failing(2)
		page = self.page(MANAGER, "xero-sync-log")
		self.chip(page, "Needs Attention").click()
		expect(page.locator(".result .list-row")).to_have_count(2)
		self.act_on_all(page, "Mark as Handled")
		dialog = page.locator(".modal.show")
		dialog.locator("textarea").fill("Entered in Xero by hand, agreed with the customer")
		dialog.get_by_role("button", name="Mark as Handled").click()
		expect(page.locator(".alert-message")).to_contain_text("2 marked as handled")
		expect(page.locator(".result .list-row")).to_have_count(0)
		open_route(page, f"xero-sync-log/{self.newest(documents[0]).name}")
		expect(page.locator(".page-head .indicator-pill").first).to_contain_text("Handled")
		expect(page.locator(".xero-attempt")).to_contain_text("agreed with the customer")
		self.show(page, "log-handled")

	def test_a_bill_has_everything_an_invoice_has(self) -> None:
		self.worker_runs()
		draft = new_invoice(
			"Purchase Invoice",
			item_tax_template=f"{NO_GST} - {ABBR}",
			rate=260,
			supplier=party("Southern Freight", "Supplier"),
			bill_no=f"SF-{frappe.generate_hash(length=6)}",
		)
		frappe.db.commit()
		page = self.page(MANAGER, f"purchase-invoice/{draft.name}")
		self.menu(page, "Preview")
		dialog = page.locator(".xero-preview-dialog")
		expect(dialog.locator(".xero-preview-head")).to_contain_text("Bill")
		expect(dialog.locator("tbody tr")).to_contain_text("300 Purchases")
		dialog.locator(".btn-modal-close").click()
		expect(page.locator(".modal.show")).to_have_count(0)
		draft.reload().submit()
		frappe.db.commit()
		self.wait_for_status(draft, "Success")
		open_route(page, f"purchase-invoice/{draft.name}")
		expect(page.locator(".xero-headline")).to_contain_text("is in Xero as")
		self.show(page, "bill-in-xero")
		self.assertEqual(self.choices(page), ["Open in Xero", "Preview"])
		page.get_by_role("tab", name="Connections").click()
		expect(page.locator(f".document-link[data-doctype='{LOG}'] .count")).to_have_text("1")
		open_route(page, "purchase-invoice")
		expect(self.row(page, draft).locator(".xero-pill")).to_contain_text("In Xero")
		failed = self.submit("Purchase Invoice", template="GST 15%", taxes=[gst_row()])
		self.wait_for_status(failed, "Failed")
		expect(self.row(page, failed).locator(".xero-pill")).to_contain_text("Failed")
		self.show(page, "bill-list")
		self.menu(page, "Failed")
		expect(page.locator(".result .list-row")).to_have_count(1)
		open_route(page, f"purchase-invoice/{failed.name}")
		expect(page.locator(".xero-headline")).to_contain_text("No tax mapping")
		self.map_gst()
		self.menu(page, "Send Now")
		expect(page.locator(".xero-headline")).to_contain_text("is in Xero as")
		tenant = self.xero.admin.tenant("NZ")
		number = self.newest(draft).xero_number
		payment = self.xero.admin.act(tenant, "pay", number=number, amount=15)["payment_id"]
		draft.reload().cancel()
		frappe.db.commit()
		self.wait_for_status(draft, "Failed")
		self.xero.admin.act(tenant, "remove_payment", payment_id=payment)
		open_route(page, f"purchase-invoice/{draft.name}")
		expect(page.locator(".xero-headline")).to_contain_text("Orphan")
		self.menu(page, "Void in Xero")
		page.get_by_role("button", name="Yes", exact=True).click()
		expect(page.locator(".xero-headline")).to_contain_text("Voided")
		self.assertEqual(
			[row["wire"]["Status"] for row in self.xero.admin.documents(number=number)], ["VOIDED"]
		)

	def test_a_fresh_site_is_led_to_its_first_invoice(self) -> None:
		clear()
		onboarding = frappe.get_doc("Module Onboarding", "Xero Connector")
		onboarding.reset_progress()
		frappe.db.commit()
		page = self.page(MANAGER)
		open_route(page, "xero")
		guide = page.locator(".onboarding-widget-box")
		expect(guide).to_contain_text("From install to the first invoice in Xero")
		expect(guide.locator(".onboarding-step")).to_have_count(3)
		expect(page.locator(".number-widget-box .number").first).to_contain_text("0")
		self.show(page, "workspace-fresh")
		guide.get_by_role("button", name="Connect a company").click()
		page.wait_for_url("**/xero-sync-settings/new*")
		clerk = self.page(CLERK)
		open_route(clerk, "xero")
		expect(clerk.locator(".number-widget-box").first).to_be_visible()
		expect(clerk.locator(".onboarding-widget-box")).to_have_count(0)

	def test_every_view_fits_a_phone(self) -> None:
		day = self.a_day()
		page = self.page(MANAGER, "xero-sync-log", **PHONE)
		expect(self.row(page, day["orphan"])).to_contain_text("Orphan")
		self.show(page, "log-list-phone")
		open_route(page, f"xero-sync-log/{self.newest(day['orphan']).name}")
		expect(page.locator(".xero-sentence")).to_contain_text("Payment of 15.00")
		self.show(page, "log-orphan-phone")
		open_route(page, f"sales-invoice/{day['failed'].name}")
		expect(page.locator(".xero-headline")).to_contain_text("No tax mapping")
		self.show(page, "invoice-failed-phone")
		open_route(page, "sales-invoice")
		expect(page.locator(".xero-pill").first).to_be_visible()
		self.show(page, "invoice-list-phone")
		for name, document in (("preview", day["good"]), ("preview-problems", day["failed"])):
			open_route(page, f"sales-invoice/{document.name}")
			expect(page.locator(".xero-headline")).to_be_visible()
			page.evaluate("name => nexwave_xero.preview.show('Sales Invoice', name)", document.name)
			expect(page.locator(".xero-preview-dialog .modal-body")).not_to_be_empty()
			self.show(page, f"{name}-phone")
		open_route(page, f"xero-sync-settings/{COMPANY}")
		expect(page.locator(".page-head")).to_contain_text(COMPANY)
		self.show(page, "settings-phone")
		self.open_workspace(page)
		self.show(page, "workspace-phone")

	def test_names_and_messages_are_shown_and_never_run(self) -> None:
		document = self.submit()
		said = f"No tax mapping for item {EVIL}. {EVIL}"
		link = [{"doctype": "Item", "name": EVIL, "label": EVIL, "fieldname": EVIL}]
		values = {
			"status": "Failed",
			"due_at": None,
			"needs_attention": 1,
			"notified_at": None,
			"party": EVIL,
		}
		values |= {"message": said, "message_links": frappe.as_json(link), "xero_number": EVIL}
		frappe.db.set_value(LOG, {"reference_name": document.name}, values)
		newest = self.a_further_attempt(document)
		frappe.db.set_value(SETTINGS, COMPANY, {"organisation_name": EVIL})
		rates, accounts = {"tax_rate_name": EVIL}, {"account_name": EVIL}
		frappe.db.set_value("Xero Tax Rate", {"company": COMPANY}, rates)
		frappe.db.set_value("Xero Account", {"company": COMPANY}, accounts)
		digest.send_digest()
		frappe.db.commit()
		page = self.page(MANAGER, "xero-sync-log")
		expect(page.locator(".xero-row-sentence").first).to_contain_text("<img src=x")
		self.nothing_ran(page, "list")
		for route, place in (
			(f"xero-sync-log/{newest}", ".xero-timeline"),
			(f"sales-invoice/{document.name}", ".xero-headline-text"),
			("sales-invoice", ".xero-pill"),
			("xero", ".quick-list-item"),
			(f"xero-sync-settings/{COMPANY}", ".page-head"),
		):
			open_route(page, route)
			expect(page.locator(place).first).to_be_visible()
			self.nothing_ran(page, route)
		open_route(page, "xero-sync-log")
		described = {"item_name": EVIL, "description": "&lt;img src=x onerror=window.hacked=1&gt;"}
		frappe.db.set_value("Sales Invoice Item", {"parent": document.name}, described)
		named = {"customer_name": EVIL, "po_no": EVIL}
		if frappe.get_meta("Sales Invoice").has_field("title"):
			named["title"] = EVIL
		frappe.db.set_value("Sales Invoice", document.name, named)
		frappe.db.commit()
		page.evaluate("name => nexwave_xero.preview.show('Sales Invoice', name)", document.name)
		expect(page.locator(".xero-preview-head")).to_contain_text("<img src=x")
		expect(page.locator(".xero-preview-dialog tbody")).to_contain_text("<img src=x")
		self.nothing_ran(page, "preview")
		page.evaluate("name => { nexwave_xero.bulk.retry('Sales Invoice', [name]) }", EVIL)
		expect(page.locator(".xero-results")).to_contain_text("<img src=x")
		self.nothing_ran(page, "bulk result")
		self.plan(page, {"message": said, "message_links": link, "name": EVIL, "doctype": "Sales Invoice"})
		self.nothing_ran(page, "backfill")
		open_route(page, "xero-sync-log")
		page.locator(".notifications-icon, .sidebar-notification").locator("visible=true").first.click()
		expect(page.locator(".notification-item, .recent-item").first).to_contain_text(document.name)
		self.nothing_ran(page, "notifications")
		page.set_content(self.mail())
		expect(page.locator("li").first).to_contain_text("onerror=window.hacked=1")
		self.nothing_ran(page, "e-mail")

	def test_what_frappe_shows_of_the_log_is_never_run_either(self) -> None:
		"""Its forms, reports and prints treat text as HTML."""
		document = self.submit()
		outbox = self.world.ports.outbox
		(claim,) = outbox.claim(COMPANY, 1, outbox.now() + timedelta(minutes=10))
		evil = Sentence("Xero says: {evil}", evil=EVIL)
		with outbox.locked([claim]) as rows:
			rows.settle(claim, Outcome(Status.FAILED, evil, decisions=(evil,), detail=EVIL))
		bulk.mark_handled([claim.row], f"By hand {EVIL}")
		frappe.db.commit()
		page = self.page(MANAGER)
		for address, place in (
			(f"/app/xero-sync-log/{claim.row}", ".xero-sentence"),
			("/app/xero-sync-log/view/report", ".dt-cell__content >> text=Xero says"),
			(f"/printview?doctype=Xero%20Sync%20Log&name={claim.row}", ".print-format"),
		):
			page.goto(address)
			expect(page.locator(place).first).to_contain_text("Xero" if "report" in address else "img src=x")
			self.nothing_ran(page, address)
		self.assertEqual(self.newest(document).status, "Failed")

	def nothing_ran(self, page: Page, where: str) -> None:
		settle(page)
		self.assertFalse(page.evaluate("Boolean(window.hacked)"), where)
		self.assertEqual(page.locator("img[onerror], img[src='x']").count(), 0, where)

	def plan(self, page: Page, problem: dict[str, object]) -> None:
		"""Show the plan of a backfill in which this document would fail."""
		answers = {"count": 1, "check": {"checked": 1, "left_out": 0, "failing": [problem], "after": None}}

		def answer(route) -> None:
			method = route.request.url.rpartition(".")[2]
			route.fulfill(body=frappe.as_json({"message": answers[method]}), content_type="application/json")

		page.route("**/nexwave_xero_connector.api.backfill.*", answer)
		open_route(page, f"xero-sync-settings/{COMPANY}")
		page.get_by_role("button", name="Send Earlier Documents").click()
		page.locator(".modal.show").get_by_role("button", name="Check", exact=True).click()
		expect(page.locator(".modal.show .xero-results")).to_contain_text("<img src=x")

	def a_further_attempt(self, document) -> str:
		"""Add a newer row like the existing one, so that its form shows both; returns the new row's name."""
		older = frappe.db.get_value(LOG, {"reference_name": document.name}, "*", as_dict=True)
		newer = older | {"name": next_row(older.name), "creation": now_datetime()}
		supersede(older.name)
		frappe.qb.into(LOG).columns(*newer).insert(*newer.values()).run()
		return newer["name"]

	def mail(self) -> str:
		"""The digest's e-mail, rendered as Frappe renders it."""
		log = frappe.get_last_doc("Notification Log", {"document_type": LOG, "for_user": MANAGER})
		arguments = {"body_content": log.subject, "description": log.email_content, "doc_link": log.link}
		body = frappe.get_template("templates/emails/new_notification.html").render(arguments)
		return get_formatted_html(log.subject, body)

	def open_workspace(self, page: Page) -> None:
		open_route(page, "xero")
		page.locator(".dashboard-chart svg, .frappe-chart svg, svg.frappe-chart").first.wait_for()
		# Wait until the bars have grown.
		page.wait_for_function(
			"[...document.querySelectorAll('svg rect.bar')].some(bar => bar.height.baseVal.value > 40)"
		)
		page.wait_for_function(
			"![...document.querySelectorAll('.number-widget-box')].some(box => !box.querySelector('.number'))"
		)

	def chip(self, page: Page, label: str):
		return page.locator(".xero-quick-filters").get_by_role("button", name=re.compile(f"^{label}"))

	def choices(self, page: Page) -> list[str]:
		group = page.locator(".inner-group-button[data-label='Xero']")
		return [text.strip() for text in group.locator(".dropdown-item").all_text_contents()]

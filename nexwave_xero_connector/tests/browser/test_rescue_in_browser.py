"""The ten-second rescue, as an accountant does it: a real browser, a real worker, the Xero sandbox."""

from __future__ import annotations

import re
import unittest

import frappe
from frappe.utils import add_to_date, now_datetime

from nexwave_xero_connector.api import recovery
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, LOG, new_invoice
from nexwave_xero_connector.tests.browser.pictures import take_picture
from nexwave_xero_connector.tests.browser.rescue_world import (
	CLERK,
	GST,
	MANAGER,
	NO_GST,
	NOBODY,
	STRANGER,
	RescueTest,
	gst_row,
	missing,
)
from nexwave_xero_connector.tests.browser.session import open_route, settle

MISSING = missing()
if not MISSING:
	from playwright.sync_api import Page, expect

	expect.set_options(timeout=30_000)
EVIL = "<img src=x onerror=window.hacked=1>"


@unittest.skipIf(MISSING, f"the browser tests need: {MISSING}")
class TestRescueInBrowser(RescueTest):
	def row(self, page: Page, document) -> object:
		return page.locator(".list-row-container", has_text=document.name).first

	def failing(self, count: int = 1) -> list:
		"""Invoices whose tax template is not mapped, failed."""
		documents = [self.submit(template=GST, taxes=[gst_row()], rate=100) for _ in range(count)]
		for document in documents:
			self.wait_for_status(document, "Failed")
		return documents

	def test_an_invoice_is_submitted_and_seen_to_arrive(self) -> None:
		draft = new_invoice(item_tax_template=f"{NO_GST} - {ABBR}")
		frappe.db.commit()
		log = self.page(CLERK, "xero-sync-log")
		form = self.page(CLERK, f"sales-invoice/{draft.name}")
		self.worker()
		form.evaluate("cur_frm.is_dirty() ? cur_frm.save() : null")
		form.get_by_role("button", name="Submit", exact=True).click()
		form.get_by_role("button", name="Yes", exact=True).click()
		expect(form.locator(".xero-headline")).to_contain_text(f"is in Xero as {draft.name}")
		take_picture(form, "invoice-in-xero")
		expect(self.row(log, draft)).to_contain_text("Success")
		self.assertEqual(self.in_xero(draft), ["AUTHORISED"])

	def test_a_missing_mapping_is_mended_in_four_clicks(self) -> None:
		self.worker()
		(document,) = self.failing()
		page = self.page(MANAGER, "xero-sync-log")
		row = self.row(page, document)
		expect(row).to_contain_text("No tax mapping for item")
		clicks = 0

		row.get_by_role("link", name="Xero Sync Settings").click()  # 1
		clicks += 1
		grid = page.locator("[data-fieldname='tax_mapping']")
		new_row = grid.locator(".grid-row", has_text=f"{GST} - {ABBR}")
		new_row.locator("[data-fieldname='xero_tax_rate']").click()  # 2
		clicks += 1
		field = new_row.locator("[data-fieldname='xero_tax_rate'] input")
		field.press_sequentially("GST on Income")
		page.get_by_role("option", name=re.compile("15% GST on Income")).first.wait_for()
		take_picture(page, "missing-mapping")
		field.press("Tab")
		page.get_by_role("button", name="Save", exact=True).click()  # 3
		clicks += 1
		page.locator(".xero-retry-failed").click()  # 4
		clicks += 1
		self.wait_for_status(document, "Success")
		self.assertLessEqual(clicks, 4)
		self.assertEqual(self.in_xero(document), ["AUTHORISED"])

	def test_a_stuck_document_is_retried_from_its_row(self) -> None:
		document = self.submit()
		frappe.db.set_value(
			LOG, {"reference_name": document.name}, "queued_at", add_to_date(now_datetime(), hours=-1)
		)
		frappe.db.commit()
		page = self.page(CLERK, "xero-sync-log")
		recovery.sweep()
		row = self.row(page, document)
		page.get_by_role("button", name=re.compile("^Stuck")).click()
		expect(row).to_contain_text("no worker has taken it up")
		self.worker()
		row.get_by_role("button", name="Retry").click()
		self.wait_for_status(document, "Success")
		expect(page.locator(".list-row-container", has_text=document.name)).to_have_count(0)
		page.get_by_role("button", name="All Documents").click()
		expect(self.row(page, document)).to_contain_text("Success")

	def test_pressing_retry_again_and_again_does_no_harm(self) -> None:
		self.worker()
		document = self.submit()
		self.wait_for_status(document, "Success")
		page = self.page(CLERK, f"xero-sync-log/{self.newest(document).name}")
		for _ in range(3):
			page.evaluate(
				"name => nexwave_xero.bulk.one('retry', {reference_doctype: 'Sales Invoice', reference_name: name})",
				document.name,
			)
		expect(page.locator(".alert-message").first).to_contain_text("already in Xero")
		self.assertEqual(self.in_xero(document), ["AUTHORISED"])

	def test_an_orphan_is_voided_with_one_click(self) -> None:
		self.worker()
		document = self.submit()
		self.wait_for_status(document, "Success")
		tenant = self.xero.admin.tenant("NZ")
		payment = self.xero.admin.act(tenant, "pay", number=document.name, amount=15)["payment_id"]
		document.reload().cancel()
		frappe.db.commit()
		self.wait_for_status(document, "Failed")
		page = self.page(MANAGER, f"xero-sync-log/{self.newest(document).name}")
		expect(page.locator(".xero-sentence")).to_contain_text("Payment of 15.00")
		take_picture(page, "log-orphan")
		self.xero.admin.act(tenant, "remove_payment", payment_id=payment)
		page.get_by_role("button", name="Void in Xero").click()
		page.get_by_role("button", name="Yes", exact=True).click()
		self.wait_for_status(document, "Voided")
		expect(page.locator(".page-head .indicator-pill").first).to_contain_text("Voided")
		self.assertEqual(self.in_xero(document), ["VOIDED"])

	def test_many_are_retried_with_a_progress_bar_and_an_answer_for_each(self) -> None:
		self.worker()
		documents = self.failing(3)
		self.map_gst()
		frappe.db.set_value("Sales Invoice Item", {"parent": documents[0].name}, "item_tax_template", None)
		frappe.db.commit()
		page = self.page(CLERK, "xero-sync-log")
		page.evaluate(
			"""() => {
				window.shown = [];
				const show = frappe.show_progress;
				frappe.show_progress = (title, ...rest) => (shown.push(title), show(title, ...rest));
			}"""
		)
		page.locator(".list-header-subject .list-check-all").check()
		page.get_by_role("button", name="Actions").click()
		page.locator(".actions-btn-group .dropdown-menu").get_by_text("Retry", exact=True).click()
		expect(page.locator(".msgprint")).to_contain_text("2 retried, 1 still failing")
		take_picture(page, "bulk-retry")
		expect(page.locator(".xero-results li")).to_have_count(1)
		expect(page.locator(".xero-results li")).to_contain_text(documents[0].name)
		self.assertEqual(set(page.evaluate("shown")), {"Retry", "Waiting for Xero"})
		for document in documents[1:]:
			self.assertEqual(self.in_xero(document), ["AUTHORISED"])

	def test_a_draft_is_previewed_with_its_problems_before_it_is_submitted(self) -> None:
		good, bad = new_invoice(item_tax_template=f"{NO_GST} - {ABBR}", rate=120), new_invoice()
		frappe.db.commit()
		page = self.page(CLERK, f"sales-invoice/{good.name}")
		self.menu(page, "Preview")
		dialog = page.locator(".xero-preview-dialog")
		expect(dialog.locator("tbody tr")).to_contain_text("200 Sales")
		expect(dialog.locator("tfoot")).to_contain_text("Total NZD")
		take_picture(page, "preview")
		open_route(page, f"sales-invoice/{bad.name}")
		self.menu(page, "Preview")
		expect(dialog.locator(".xero-problems")).to_contain_text("No tax mapping for item")
		take_picture(page, "preview-problems")
		self.assertEqual(frappe.db.get_value("Sales Invoice", bad.name, "docstatus"), 0)

	def test_earlier_documents_are_checked_before_they_are_pushed(self) -> None:
		documents = [self.submit(), self.submit(template=GST, taxes=[gst_row()])]
		frappe.db.delete(LOG, {"company": COMPANY})
		frappe.db.commit()
		page = self.page(MANAGER, f"xero-sync-settings/{COMPANY}")
		page.get_by_role("button", name="Push Earlier Documents").click()
		page.locator(".modal.show").get_by_role("button", name="Check", exact=True).click()
		expect(page.get_by_text("2 documents since")).to_contain_text("1 would fail")
		expect(page.locator(".modal.show")).to_have_count(1)
		take_picture(page, "push-earlier-documents")
		self.worker()
		page.get_by_role("button", name="Push 2 Documents").click()
		self.wait_for_status(documents[0], "Success")
		self.wait_for_status(documents[1], "Failed")

	def test_what_was_never_pushed_is_pushed_from_the_invoice_list(self) -> None:
		document = self.submit()
		frappe.db.delete(LOG, {"company": COMPANY})
		frappe.db.commit()
		self.worker()
		page = self.page(CLERK, "sales-invoice")
		page.locator(f".list-row-checkbox[data-name='{document.name}']").check()
		page.get_by_role("button", name="Actions").click()
		page.locator(".actions-btn-group .dropdown-menu").get_by_text("Push to Xero", exact=True).click()
		self.wait_for_status(document, "Success")
		expect(
			page.locator(".list-row-container", has_text=document.name).locator(".xero-pill")
		).to_contain_text("In Xero")

	def test_who_has_no_rights_sees_no_button_and_gets_a_refusal(self) -> None:
		self.worker()
		(document,) = self.failing()
		refused = """async ([method, args]) => {
			const headers = {"Content-Type": "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token};
			const answer = await fetch(`/api/method/nexwave_xero_connector.api.${method}`,
				{method: "POST", headers, body: JSON.stringify(args)});
			return answer.status;
		}"""
		asked = {"doctype": "Sales Invoice", "name": document.name}
		clerk = self.page(CLERK, f"xero-sync-log/{self.newest(document).name}")
		expect(clerk.get_by_role("button", name="Retry")).to_be_visible()
		expect(clerk.get_by_role("button", name="Mark as Handled")).to_have_count(0)
		self.assertEqual(clerk.evaluate(refused, ["sync.void", asked]), 403)
		stranger = self.page(STRANGER, "xero-sync-log")
		expect(stranger.get_by_text("No Xero Sync Log found")).to_be_visible()
		for user in (stranger, self.page(NOBODY, "user-profile")):
			self.assertEqual(user.evaluate(refused, ["sync.retry", asked]), 403)
		self.assertEqual(len(self.world.rows(self.ref(document))), 1)

	def test_names_and_messages_are_shown_and_never_run(self) -> None:
		document = self.submit()
		values = {"party": EVIL, "message": f"No tax mapping for item {EVIL}. {EVIL}", "status": "Failed"}
		values |= {
			"needs_attention": 1,
			"due_at": None,
			"finding": None,
			"handled_reason": EVIL,
			"xero_number": EVIL,
		}
		link = [{"doctype": "Item", "name": EVIL, "label": EVIL, "fieldname": EVIL}]
		values["message_links"] = frappe.as_json(link)
		frappe.db.set_value(LOG, {"reference_name": document.name}, values)
		described = {"item_name": EVIL, "description": "&lt;img src=x onerror=window.hacked=1&gt;"}
		frappe.db.set_value("Sales Invoice Item", {"parent": document.name}, described)
		organisation = {"organisation_name": EVIL}
		frappe.db.set_value("Xero Sync Settings", COMPANY, organisation)
		frappe.db.set_value("Xero Connection", COMPANY, {"last_error": EVIL, "pause_reason": EVIL})
		frappe.db.commit()
		name = self.newest(document).name
		page = self.page(MANAGER, "xero-sync-log")
		expect(page.locator(".xero-row-sentence").first).to_contain_text("<img src=x")
		for route in (
			f"xero-sync-log/{name}",
			f"sales-invoice/{document.name}",
			"sales-invoice",
			"xero",
			f"xero-sync-settings/{COMPANY}",
		):
			open_route(page, route)
			self.assertFalse(page.evaluate("Boolean(window.hacked)"), route)
		open_route(page, f"sales-invoice/{document.name}")
		self.menu(page, "Preview")
		expect(page.locator(".xero-preview-dialog tbody")).to_contain_text("<img src=x")
		page.evaluate("name => { nexwave_xero.bulk.retry('Sales Invoice', [name]) }", "SINV-<b>none</b>")
		expect(page.locator(".xero-results")).to_be_visible()
		settle(page)
		self.assertFalse(page.evaluate("Boolean(window.hacked)"))

	def menu(self, page: Page, label: str) -> None:
		group = page.locator(".inner-group-button[data-label='Xero']")
		group.locator("button").click()
		group.get_by_text(label, exact=True).click()

	def map_gst(self) -> None:
		settings = frappe.get_doc("Xero Sync Settings", COMPANY)
		template = {"template_type": "Item Tax Template", "template": f"{GST} - {ABBR}"}
		rate = frappe.db.get_value("Xero Tax Rate", {"company": COMPANY, "tax_type": "OUTPUT2"})
		settings.append("tax_mapping", template | {"xero_tax_rate": rate})
		settings.save()
		frappe.db.commit()

	def ref(self, document):
		from nexwave_xero_connector.tests.bench_world import ref_of

		return ref_of(document)

	def test_the_log_and_the_workspace_show_how_things_stand(self) -> None:
		self.worker()
		good = [self.submit(rate=rate) for rate in (120, 85, 410, 96)]
		(failed,) = self.failing()
		orphan = self.submit(rate=640)
		for document in [*good, orphan]:
			self.wait_for_status(document, "Success")
		self.xero.admin.act(self.xero.admin.tenant("NZ"), "pay", number=orphan.name, amount=40)
		orphan.reload().cancel()
		frappe.db.commit()
		self.wait_for_status(orphan, "Failed")
		stuck = good.pop()
		values = {
			"status": "Queued",
			"is_stuck": 1,
			"needs_attention": 1,
			"message": None,
			"finished_at": None,
		}
		values["queued_at"] = add_to_date(now_datetime(), hours=-2)
		frappe.db.set_value(LOG, {"reference_name": stuck.name}, values)
		frappe.db.commit()
		page = self.page(MANAGER, "xero-sync-log")
		for document, label in (
			(stuck, "Stuck"),
			(orphan, "Orphan"),
			(failed, "Failed"),
			(good[0], "Success"),
		):
			expect(self.row(page, document)).to_contain_text(label)
		expect(page.get_by_role("button", name=re.compile("^Needs Attention"))).to_contain_text("3")
		take_picture(page, "log-list")
		self.assertEqual(overflowing(page), [])
		open_route(page, "sales-invoice")
		expect(page.locator(".xero-pill", has_text="Orphan")).to_be_visible()
		take_picture(page, "invoice-list")
		open_route(page, f"sales-invoice/{failed.name}")
		expect(page.locator(".xero-headline")).to_contain_text("No tax mapping")
		take_picture(page, "invoice-failed")
		open_route(page, "xero")
		expect(
			page.locator(".number-widget-box", has_text="Needs Attention").locator(".number")
		).to_contain_text("3")
		expect(page.locator(".quick-list-item", has_text=COMPANY)).to_contain_text("Connected")
		page.locator(".dashboard-chart svg, .frappe-chart svg, svg.frappe-chart").first.wait_for()
		# The bars grow.
		page.wait_for_function(
			"[...document.querySelectorAll('svg rect.bar')].some(bar => bar.height.baseVal.value > 40)"
		)
		take_picture(page, "workspace")


def overflowing(page: Page) -> list[str]:
	"""Parts of the list that are wider than what they stand in."""
	return page.evaluate(
		"""() => [...document.querySelectorAll('.xero-log-list, .xero-log-list .list-row, .xero-log-list .level-right')]
			.filter(one => one.offsetParent && one.scrollWidth > one.clientWidth + 1).map(one => one.className)"""
	)

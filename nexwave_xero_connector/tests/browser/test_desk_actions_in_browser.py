"""What an accountant does in ten seconds, with a real browser, a real worker and the Xero sandbox."""

from __future__ import annotations

import re
import unittest

import frappe

from nexwave_xero_connector.erp.worker import enqueue_worker
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, LOG, new_invoice, ref_of
from nexwave_xero_connector.tests.browser.desk_test_case import (
	CLERK,
	GST,
	MANAGER,
	NO_GST,
	NOBODY,
	STRANGER,
	DeskTest,
	gst_row,
	missing,
)
from nexwave_xero_connector.tests.browser.pictures import take_picture
from nexwave_xero_connector.tests.browser.session import open_route

MISSING = missing()
if not MISSING:
	from playwright.sync_api import APIResponse, Page, Route, expect

	expect.set_options(timeout=30_000)


@unittest.skipIf(MISSING, f"the browser tests need: {MISSING}")
class TestDeskActionsInBrowser(DeskTest):
	def test_an_invoice_is_submitted_and_seen_to_arrive(self) -> None:
		draft = new_invoice(item_tax_template=f"{NO_GST} - {ABBR}")
		frappe.db.commit()
		log = self.page(CLERK, "xero-sync-log")
		form = self.page(CLERK, f"sales-invoice/{draft.name}")
		self.worker_runs()
		form.evaluate("cur_frm.is_dirty() ? cur_frm.save() : null")
		form.get_by_role("button", name="Submit", exact=True).click()
		form.get_by_role("button", name="Yes", exact=True).click()
		expect(form.locator(".xero-headline")).to_contain_text(f"is in Xero as {draft.name}")
		take_picture(form, "invoice-in-xero")
		expect(self.row(log, draft)).to_contain_text("Success")
		self.assertEqual(self.in_xero(draft), ["AUTHORISED"])

	def test_a_missing_mapping_is_fixed_in_four_clicks(self) -> None:
		self.worker_runs()
		(document,) = self.failing()
		page = self.page(MANAGER, "xero-sync-log")
		row = self.row(page, document)
		expect(row).to_contain_text("No tax mapping for item")
		page.evaluate(
			"""() => {
				window.clicks = 0;
				addEventListener("click", event => { clicks += event.isTrusted ? 1 : 0; }, true);
			}"""
		)
		row.get_by_role("link", name="Xero Sync Settings").click()
		grid = page.locator("[data-fieldname='tax_mapping']")
		new_row = grid.locator(".grid-row", has_text=f"{GST} - {ABBR}")
		new_row.locator("[data-fieldname='xero_tax_rate']").click()
		field = new_row.locator("[data-fieldname='xero_tax_rate'] input")
		field.press_sequentially("GST on Income")
		# Tab takes the first option: wait until the list has been narrowed down.
		expect(page.get_by_role("option").locator("visible=true").first).to_contain_text("15% GST on Income")
		take_picture(page, "missing-mapping")
		field.press("Tab")
		page.get_by_role("button", name="Save", exact=True).click()
		page.locator(".xero-retry-failed").click()
		self.wait_for_status(document, "Success")
		clicks = page.evaluate("clicks")
		self.assertTrue(0 < clicks <= 4, f"{clicks} clicks")
		self.assertEqual(self.in_xero(document), ["AUTHORISED"])

	def test_what_somebody_typed_in_xero_is_used_for_the_document(self) -> None:
		draft = new_invoice(item_tax_template=f"{NO_GST} - {ABBR}")
		line = {"quantity": 1, "unit_amount": 90, "account": "200", "tax_type": "NONE"}
		typed = {"type": "ACCREC", "number": draft.name, "contact": draft.customer, "lines": [line]}
		days = {"date": str(draft.posting_date), "due_date": str(draft.due_date)}
		made = self.xero.admin.act(self.xero.admin.tenant("NZ"), "enter", **typed, **days)
		draft.submit()
		frappe.db.commit()
		self.worker_runs()
		self.wait_for_status(draft, "Failed")
		row = self.newest(draft).name
		button = {"name": "Use This One", "exact": True}
		clerk = self.page(CLERK, f"xero-sync-log/{row}")
		expect(clerk.get_by_text("already used in Xero by another document").first).to_be_visible()
		expect(clerk.get_by_role("button", **button)).to_have_count(0)
		page = self.page(MANAGER, f"xero-sync-log/{row}")
		page.get_by_role("button", **button).click()
		dialog = page.locator(".modal:visible")
		expect(dialog).to_contain_text("total 90.00 instead of 100.00")
		take_picture(page, "use-this-one")
		dialog.get_by_role("button", **button).click()
		self.wait_for_status(draft, "Success")
		self.assertEqual(self.newest(draft).xero_id, made["id"])
		self.assertIn("linked it by hand although it differs", self.newest(draft).message)

	def test_a_stuck_document_is_retried_from_its_row(self) -> None:
		document = self.stuck()
		page = self.page(CLERK, "xero-sync-log")
		row = self.row(page, document)
		page.get_by_role("button", name=re.compile("^Stuck")).click()
		# A bench for tests has no scheduler, which is then the reason.
		expect(row).to_contain_text(re.compile("no worker has started it|scheduler is switched off"))
		self.worker_runs()
		row.get_by_role("button", name="Retry").click()
		self.wait_for_status(document, "Success")
		expect(page.locator(".list-row-container", has_text=document.name)).to_have_count(0)
		page.get_by_role("button", name="All Documents").click()
		expect(self.row(page, document)).to_contain_text("Success")

	def test_pressing_retry_again_and_again_does_no_harm(self) -> None:
		self.worker_runs()
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

	def void(self, page: Page) -> None:
		self.xero.admin.act(self.xero.admin.tenant("NZ"), "remove_payment", payment_id=self.payment_id)
		page.get_by_role("button", name="Void in Xero").click()
		page.get_by_role("button", name="Yes", exact=True).click()

	def test_an_orphan_is_voided_with_one_click(self) -> None:
		self.worker_runs()
		document = self.orphan()
		page = self.page(MANAGER, f"xero-sync-log/{self.newest(document).name}")
		expect(page.locator(".xero-sentence")).to_contain_text("Payment of 15.00")
		self.void(page)
		self.wait_for_status(document, "Voided")
		expect(page.locator(".page-head .indicator-pill").first).to_contain_text("Voided")
		self.assertEqual(self.in_xero(document), ["VOIDED"])

	def test_the_form_follows_what_happens_while_the_next_attempt_opens(self) -> None:
		self.worker_runs()
		document = self.orphan()
		self.worker_stops()
		page = self.page(MANAGER, f"xero-sync-log/{self.newest(document).name}")

		opening: list[tuple[Route, APIResponse]] = []
		page.route(
			"**/frappe.desk.form.load.getdoc?**",
			lambda route: opening.append((route, route.fetch())),
			times=1,
		)
		self.void(page)
		while not opening:
			page.wait_for_timeout(50)
		self.worker_runs()
		self.wait_for_status(document, "Voided")
		((route, answer),) = opening
		route.fulfill(response=answer)
		expect(page.locator(".page-head .indicator-pill").first).to_contain_text("Voided")

	def test_many_are_retried_with_a_progress_bar_and_a_result_for_each(self) -> None:
		self.worker_runs()
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
		self.act_on_all(page, "Retry")
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

	def test_earlier_documents_are_checked_before_they_are_sent(self) -> None:
		documents = [self.submit(), self.submit(template=GST, taxes=[gst_row()])]
		frappe.db.delete(LOG, {"company": COMPANY})
		frappe.db.commit()
		page = self.page(MANAGER, f"xero-sync-settings/{COMPANY}")
		page.get_by_role("button", name="Send Earlier Documents").click()
		page.locator(".modal.show").get_by_role("button", name="Check", exact=True).click()
		expect(page.get_by_text("2 documents dated")).to_contain_text("1 would fail")
		expect(page.locator(".modal.show")).to_have_count(1)
		take_picture(page, "push-earlier-documents")
		self.worker_runs()
		page.get_by_role("button", name="Send 2 Documents").click()
		self.wait_for_status(documents[0], "Success")
		self.wait_for_status(documents[1], "Failed")

	def test_an_invoice_that_was_never_sent_is_sent_from_the_invoice_list(self) -> None:
		document = self.submit()
		frappe.db.delete(LOG, {"company": COMPANY})
		frappe.db.commit()
		self.worker_runs()
		page = self.page(CLERK, "sales-invoice")
		page.locator(f".list-row-checkbox[data-name='{document.name}']").check()
		page.get_by_role("button", name="Actions").click()
		page.locator(".actions-btn-group .dropdown-menu").get_by_text("Send to Xero", exact=True).click()
		self.wait_for_status(document, "Success")
		expect(
			page.locator(".list-row-container", has_text=document.name).locator(".xero-pill")
		).to_contain_text("In Xero")

	def test_a_user_without_permission_sees_no_button_and_is_refused(self) -> None:
		self.worker_runs()
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
		self.assertEqual(len(self.world.rows(ref_of(document))), 1)

	def test_nobody_receives_updates_of_another_company(self) -> None:
		"""Live updates reach users who can see the document and nobody else, whatever page they have open."""
		listen = """() => {
			window.heard = [];
			frappe.realtime.socket.onAny((...event) => heard.push(JSON.stringify(event)));
		}"""
		document = self.submit()
		row = self.newest(document).name
		clerk, stranger = self.page(CLERK, "xero-sync-log"), self.page(STRANGER, "xero-sync-log")
		form = self.page(CLERK, f"sales-invoice/{document.name}")
		for page in (clerk, stranger, form):
			page.evaluate(listen)
		for doctype, name in (("Sales Invoice", document.name), ("Xero Sync Settings", COMPANY), (LOG, row)):
			stranger.evaluate(
				"([doctype, name]) => frappe.realtime.emit('doc_subscribe', doctype, name)", [doctype, name]
			)
		self.worker_runs()
		frappe.db.set_value(LOG, row, "due_at", "2020-01-01")
		frappe.db.commit()
		enqueue_worker(COMPANY)
		expect(self.row(clerk, document)).to_contain_text("Success")
		expect(form.locator(".xero-headline")).to_contain_text("is in Xero as")
		clerk.wait_for_function("name => heard.some(event => event.includes(name))", arg=row)
		# Events arrive in order: once this one has arrived, any earlier one would have too.
		frappe.publish_realtime("xero_all_have_heard", {}, after_commit=False)
		stranger.wait_for_function("heard.some(event => event.includes('xero_all_have_heard'))")
		self.assertEqual(
			[
				event
				for event in stranger.evaluate("heard")
				if "xero_all" not in event and "xero_sync" in event
			],
			[],
		)
		self.assertNotIn(document.name, str(stranger.evaluate("heard")))

"""Each list, card, filter and form shows what it is there for: in usual windows, on a phone, light and dark."""

from __future__ import annotations

import re
import unittest

import frappe

from nexwave_xero_connector.tests.bench_world import COMPANY, LOG
from nexwave_xero_connector.tests.browser.desk_test_case import (
	CLERK,
	MANAGER,
	NOBODY,
	PHONE,
	DeskTest,
	forget_filters,
	missing,
	party,
)
from nexwave_xero_connector.tests.browser.pictures import THEMES, set_theme, take_picture
from nexwave_xero_connector.tests.browser.session import open_route, settle

MISSING = missing()
if not MISSING:
	from playwright.sync_api import Page, expect

	expect.set_options(timeout=30_000)
WINDOWS = (1280, 1440, 1920)
LONG_NAME = "Waikato Print House and Sons Limited Partnership"
HAS_SIDEBARS = int(frappe.__version__.partition(".")[0]) >= 16

# Of each row: the parts that are there, and those of them that a person cannot see or read.
ROWS = """() => {
	const box = one => one.getBoundingClientRect();
	const text_box = one => {
		const range = new Range();
		range.selectNodeContents(one);
		return range.getBoundingClientRect();
	};
	const clips = one => getComputedStyle(one).overflowX !== 'visible';
	const is_cut = one => {
		const text = text_box(one);
		for (let around = one; around && !around.matches('.result'); around = around.parentElement)
			if (clips(around) && (box(around).right < text.right - 1 || box(around).left > text.left + 1)) return true;
		return text.right > innerWidth;
	};
	const is_hidden = one => {
		const at = box(one);
		if (!at.width || at.left < 0 || at.right > innerWidth) return true;
		const hit = document.elementFromPoint((at.left + at.right) / 2, (at.top + at.bottom) / 2);
		return !hit || !(one.contains(hit) || hit.contains(one));
	};
	return [...document.querySelectorAll('.xero-log-list .list-row')].map(row => {
		row.scrollIntoView({block: 'center'});
		const number = row.querySelector('.list-subject a[data-name]');
		const sentence = row.querySelector('.xero-row-sentence');
		const button = row.querySelector('.btn-action');
		const amount = row.querySelector('.xero-amount');
		const pill = [...row.querySelectorAll('.indicator-pill')].find(one => box(one).width);
		const wrong = [];
		if (is_hidden(number) || is_cut(number)) wrong.push('number');
		if (is_hidden(sentence) || box(sentence).width < 150) wrong.push('message');
		if (!pill || is_hidden(pill) || is_cut(pill)) wrong.push('status');
		if (amount.offsetParent && is_cut(amount)) wrong.push('amount');
		if (button?.offsetParent && (is_hidden(button) || is_cut(button))) wrong.push('button');
		const has_button = Boolean(button?.offsetParent);
		return {number: number.textContent.trim(), has_button, wrong};
	});
}"""
# The boxes of some elements, as [left, top, right, bottom].
BOXES_WITHIN = """(around, selector) => [...around.querySelectorAll(selector)].filter(
	one => one.offsetParent
).map(one => {
	const {left, top, right, bottom} = one.getBoundingClientRect();
	return [left, top, right, bottom];
})"""
FIRST_BOXES = f"(row, parts) => parts.map(part => ({BOXES_WITHIN})(row, part)[0])"
BOXES = f"selector => ({BOXES_WITHIN})(document, selector)"
CUT = """selector => [...document.querySelectorAll(selector)].filter(one => one.scrollWidth > one.clientWidth + 1)
	.map(one => one.textContent.trim())"""


@unittest.skipIf(MISSING, f"the browser tests need: {MISSING}")
class TestLayoutInBrowser(DeskTest):
	def test_each_row_of_the_log_shows_number_status_message_and_button(self) -> None:
		day = self.a_day()
		frappe.db.set_value(LOG, {"reference_name": day["failed"].name}, "party", LONG_NAME)
		frappe.db.commit()
		with_a_button = {day[name].name for name in ("good", "failed", "orphan", "bill", "stuck")}
		for disable_scrolling in (0, 1):
			if not self.disable_scrolling(disable_scrolling):
				continue
			for width in WINDOWS:
				page = self.page(MANAGER, "xero-sync-log", width=width)
				expect(self.row(page, day["stuck"])).to_contain_text("Stuck")
				self.check_rows(page, with_a_button, f"{width} px, Disable Scrolling {disable_scrolling}")
				page.context.close()
		page = self.page(MANAGER, "xero-sync-log")
		expect(self.row(page, day["stuck"])).to_contain_text("Stuck")
		# As Frappe does when the user saves the list's settings.
		page.evaluate("() => cur_list.refresh_columns(cur_list.meta, cur_list.list_view_settings)")
		settle(page)
		page.evaluate("() => { cur_list.last_args = null; return cur_list.refresh(); }")
		self.check_rows(page, {day["failed"].name}, "columns set up again")
		page = self.page(MANAGER, "xero-sync-log", **PHONE)
		expect(self.row(page, day["stuck"])).to_contain_text("Stuck")
		self.check_rows(page, set(), "a phone")

	def test_cards_labels_and_filters_of_a_day(self) -> None:
		"""An error in a script fails the test at its end."""
		day = self.a_day()
		with self.subTest("cards"):
			self.check_cards()
		with self.subTest("labels"):
			self.check_labels()
		with self.subTest("filters"):
			self.check_filters(day)
		if HAS_SIDEBARS:
			with self.subTest("tile and sidebar"):
				self.check_tile_and_sidebar()

	def check_cards(self) -> None:
		"""Each card shows how many rows its list has."""
		page = self.page(MANAGER)
		for card, number in (
			("Needs Attention", 3),
			("Stuck", 1),
			("Orphans", 1),
			("Waiting", 1),
			("In Xero Today", 6),
		):
			open_route(page, "xero")
			title = page.locator(".widget-title", has_text=re.compile(f"^\\s*{card}\\s*$"))
			box = page.locator(".number-widget-box", has=title)
			expect(box.locator(".number")).to_have_text(re.compile(rf"^\s*{number}\s*$"))
			box.locator(".number").click()
			page.wait_for_url("**/xero-sync-log**")
			expect(page.locator(".xero-log-list .list-row"), card).to_have_count(number)
			settle(page)

	def check_filters(self, day: dict[str, object]) -> None:
		"""Every standard filter takes what is typed into it, in the list and in its report."""
		forget_filters()
		frappe.db.commit()
		page = self.page(MANAGER, "xero-sync-log")
		expect(self.row(page, day["good"])).to_be_visible()
		field = page.locator(".page-form [data-fieldname='party'] input").first
		field.fill("Waikato Print House")
		field.press("Enter")
		expect(page.locator(".xero-log-list .list-row")).to_have_count(1)
		expect(self.row(page, day["orphan"])).to_be_visible()
		for view in ("xero-sync-log", "xero-sync-log/view/report"):
			open_route(page, view)
			names = page.evaluate("Object.keys(cur_list.page.fields_dict)")
			self.assertIn("party", names)
			for name in names:
				field = page.locator(f".page-form [data-fieldname='{name}'] input").locator("visible=true")
				if field.count():
					field.first.press_sequentially("Sal")
					settle(page)
					field.first.fill("")
					field.first.press("Tab")
					settle(page)

	def test_the_state_in_xero_is_beside_the_status_and_takes_nothing_from_the_name(self) -> None:
		document = self.submit(customer=party(LONG_NAME))
		frappe.db.set_value(LOG, {"reference_name": document.name}, "status", "In Progress")
		frappe.db.commit()
		for width in WINDOWS:
			page = self.page(CLERK, "sales-invoice", width=width)
			row = self.row(page, document)
			expect(row.locator(".xero-pill").first).to_be_visible()
			self.assertEqual(row.locator(".list-subject .xero-pill").count(), 0)
			settle(page)
			parts = (".list-subject", ".level-left .indicator-pill", ".level-left .xero-pill")
			name, status, pill = row.evaluate(FIRST_BOXES, parts)
			self.assertAlmostEqual(status[1], pill[1], delta=4)
			self.assertLessEqual(name[2], status[0], f"{width} px")
			self.assertLessEqual(status[2], pill[0], f"{width} px")
			(head,) = page.evaluate(BOXES, ".list-header-subject .xero-status")
			self.assertAlmostEqual(head[0], status[0], delta=12)
			self.assertEqual(page.evaluate(CUT, ".list-row-col.xero-status"), [], f"{width} px")
			page.context.close()
		page = self.page(CLERK, "sales-invoice", **PHONE)
		row = self.row(page, document)
		expect(row.locator(".xero-pill").locator("visible=true")).to_have_count(1)
		settle(page)
		(pill,) = row.evaluate(BOXES_WITHIN, ".xero-pill")
		self.assertLessEqual(pill[2], PHONE["width"])
		self.assertLessEqual(pill[3], row.bounding_box()["y"] + row.bounding_box()["height"] + 1)

	def test_the_line_on_an_invoice_has_air_above_it(self) -> None:
		document = self.submit()
		page = self.page(CLERK, f"sales-invoice/{document.name}")
		expect(page.locator(".xero-headline")).to_be_visible()
		(line,) = page.evaluate(BOXES, ".xero-headline .indicator-pill")
		(form,) = page.evaluate(BOXES, ".xero-headline")
		self.assertGreaterEqual(line[1] - form[1], 8)
		self.assertGreaterEqual(form[3] - line[3], 8)

	def test_the_four_steps_stand_in_a_row(self) -> None:
		for width in (1440, 1920):
			page = self.page(MANAGER, f"xero-sync-settings/{COMPANY}", width=width)
			expect(page.locator(".xero-step")).to_have_count(4)
			for theme in THEMES:
				set_theme(page, theme)
				steps = page.evaluate(BOXES, ".xero-step")
				self.assertEqual(
					len({top for _left, top, _right, _bottom in steps}), 1, f"{width} px, {theme}"
				)
				self.assertEqual(page.evaluate(CUT, ".xero-step *"), [], f"{width} px, {theme}")
			page.context.close()

	def check_labels(self) -> None:
		"""No label of the workspace is cut."""
		for width in (*WINDOWS, PHONE["width"]):
			page = self.page(MANAGER, "xero", width=width)
			expect(
				page.locator(".dashboard-chart .legend-dataset-label, .chart-legend text").first
			).to_be_visible()
			labels = ".number-widget-box .widget-title *, .shortcut-widget-box .widget-title *"
			self.assertEqual(page.evaluate(CUT, labels), [], f"{width} px")
			(chart,) = page.evaluate(BOXES, ".dashboard-widget-box .widget-body")
			for (
				box
			) in page.evaluate("""() => [...document.querySelectorAll('.chart-legend text')].map(one => {
				const {left, right} = one.getBoundingClientRect(); return [left, right]; })"""):
				self.assertLessEqual(box[1], chart[2], f"{width} px")
			page.context.close()

	def check_tile_and_sidebar(self) -> None:
		"""One tile with our logo leads to the workspace and its sidebar."""
		page = self.page(MANAGER)
		page.goto("/desk")
		tiles = page.locator(".desktop-icon", has_text=re.compile("Xero"))
		expect(tiles).to_have_count(1)
		self.assertIn("nexwave_xero_connector/images/logo.svg", tiles.locator("img").get_attribute("src"))
		take_picture(page, "desk-tile")
		tiles.click()
		expect(page.locator(".number-widget-box").first).to_be_visible()
		expect(page.locator(".sidebar-header img")).to_have_attribute("src", re.compile("logo.svg"))
		entries = page.locator(".body-sidebar .standard-sidebar-item:visible")
		names = ("Home", "Sync Log", "Needs Attention", "Settings", "Sales Invoices", "Purchase Invoices")
		found = {name: entries.filter(has_text=re.compile(f"^\\s*{name}\\s*$")) for name in names}
		icons = {name: entry.locator("use").first.get_attribute("href") for name, entry in found.items()}
		self.assertEqual(len(set(icons.values())), len(names), icons)
		for name, address in (
			("Needs Attention", re.compile(r"/xero-sync-log.*needs_attention=1")),
			("Settings", re.compile("/xero-sync-settings")),
			("Sync Log", re.compile("/xero-sync-log")),
		):
			found[name].click()
			page.wait_for_url(address)
			settle(page)
			if name == "Needs Attention":
				expect(page.locator(".xero-log-list .list-row")).to_have_count(3)
			expect(page.locator(".sidebar-header img")).to_have_attribute("src", re.compile("logo.svg"))
		stranger = self.page(NOBODY)
		stranger.goto("/desk")
		stranger.locator(".desktop-icon").first.wait_for()
		self.assertEqual(stranger.locator(".desktop-icon", has_text="Xero").count(), 0)

	def disable_scrolling(self, value: int) -> bool:
		"""Enter it in the list's settings. Frappe 15 has no such setting."""
		frappe.db.delete("List View Settings", {"name": LOG})
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.db.delete, "List View Settings", {"name": LOG})
		if value:
			if not frappe.get_meta("List View Settings").has_field("disable_scrolling"):
				return False
			settings = frappe.get_doc({"doctype": "List View Settings", "disable_scrolling": 1})
			settings.insert(set_name=LOG)
		frappe.db.commit()
		return True

	def check_rows(self, page: Page, with_a_button: set[str], where: str) -> None:
		settle(page)
		for theme in THEMES:
			set_theme(page, theme)
			rows = page.evaluate(ROWS)
			self.assertTrue(rows, where)
			self.assertEqual([row for row in rows if row["wrong"]], [], f"{where}, {theme}")
			shown = {row["number"] for row in rows if row["has_button"]}
			self.assertLessEqual(with_a_button, shown, f"{where}, {theme}")
			self.assertLessEqual(
				page.evaluate("document.documentElement.scrollWidth"), page.viewport_size["width"]
			)

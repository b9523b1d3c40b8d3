// The list of the Xero Sync Log: quick filters, a button on each row, and actions on a selection.

import * as bulk from "./bulk";
import * as realtime from "./realtime";
import { escape, html, text } from "./sentence";
import { ACTION_LABELS, LOG, actions, may_void, open_in_xero } from "./status";

const NEWEST = ["is_latest", "=", 1];
const ATTENTION = ["needs_attention", "=", 1];

const COLUMNS = ["party", "operation", "amount", "message"];

const QUICK_FILTERS = [
	{ label: __("Needs Attention"), filters: [ATTENTION], counted: true },
	{ label: __("Stuck"), filters: [ATTENTION, ["is_stuck", "=", 1]], counted: true },
	{
		label: __("Failed"),
		filters: [ATTENTION, ["status", "=", "Failed"], ["is_orphan", "=", 0]],
		counted: true,
	},
	{ label: __("Orphans"), filters: [ATTENTION, ["is_orphan", "=", 1]], counted: true },
	{ label: __("Waiting"), filters: [NEWEST, ["status", "in", ["Queued", "In Progress"]]] },
	{ label: __("All Documents"), filters: [NEWEST] },
	{ label: __("All Attempts"), filters: [] },
];
// The fields that the quick filters set. Other filters, such as company, are kept.
const QUICK_FIELDS = ["is_latest", "needs_attention", "status", "is_stuck", "is_orphan", "is_different"];

export function first_action(row) {
	return actions(row).find((action) => ["retry", "void", "open"].includes(action));
}

export function label(row) {
	return ACTION_LABELS[first_action(row)];
}

export function act(row) {
	const action = first_action(row);
	if (action === "open") return open_in_xero(row);
	if (action === "void") return bulk.void_in_xero(LOG, [row.name]);
	return bulk.one("retry", row);
}

export function amount(value, row) {
	const shown = `${format_number(value, null, 2)} ${row.currency || ""}`;
	return `<span class="xero-amount" title="${escape(shown)}">${escape(shown)}</span>`;
}

// Like Frappe's own formatter (click to filter), but escaped.
export function party(value) {
	const name = escape(value);
	return `<a class="filterable ellipsis" title="${name}" data-filter="party,=,${name}">${name}</a>`;
}

export function operation(value) {
	return `<span>${escape(__(value))}</span>`;
}

export function sentence(row) {
	return `<span class="xero-row-sentence" title="${escape(text(row))}">${html(row)}</span>`;
}

export function set_up(listview) {
	if (listview.view_name === "List") arrange(listview);
	add_quick_filters(listview);
	const selected = () => listview.get_checked_items(true);
	const add = (name, action) => {
		const act = () => action(selected()).finally(() => refresh_all(listview));
		listview.page.add_actions_menu_item(name, act, false);
	};
	add(__("Retry"), (names) => bulk.retry(LOG, names));
	add(__("Check for Orphans"), (names) => bulk.check_for_orphans(names));
	if (may_void()) {
		add(__("Void in Xero"), (names) => bulk.void_in_xero(LOG, names));
		add(__("Mark as Handled"), (names) => bulk.mark_handled(names));
		add(__("Leave Out"), (names) => bulk.leave_out(LOG, names));
		add(__("Take Back"), (names) => bulk.take_back(LOG, names));
	}
	follow(listview);
	listview.page.add_menu_item(__("Check a Company for Orphans"), check_company);
	listview.page.add_menu_item(__("Compare a Period with Xero"), compare_period);
}

// Frappe shows as many of the first six columns as the window has room for; the message must always be one of them.
function arrange(listview) {
	const field = (fieldname) => frappe.meta.get_docfield(LOG, fieldname);
	// Frappe calls this again when the user saves the list's settings.
	listview.setup_columns = () => {
		listview.columns = [
			{ type: "Subject", df: field("reference_name") },
			{ type: "Status" },
			...COLUMNS.map((fieldname) => ({ type: "Field", df: field(fieldname) })),
		];
	};
	listview.setup_columns();
	listview.page.sidebar.hide();
	listview.$frappe_list.addClass("xero-log-list");
	listview.render_header(true);
}

function company_field() {
	return {
		fieldname: "company",
		fieldtype: "Link",
		options: "Company",
		label: __("Company"),
		default: frappe.defaults.get_user_default("Company"),
		reqd: 1,
	};
}

function check_company() {
	frappe.prompt(
		company_field(),
		({ company }) => bulk.check_company(company),
		__("Check for Orphans"),
		__("Check")
	);
}

function compare_period() {
	const today = frappe.datetime.get_today();
	frappe.prompt(
		[
			company_field(),
			{
				fieldname: "from_date",
				fieldtype: "Date",
				label: __("From Date"),
				default: frappe.datetime.month_start(),
				reqd: 1,
			},
			{
				fieldname: "to_date",
				fieldtype: "Date",
				label: __("To Date"),
				default: today,
				description: __(
					"What was sent is compared with what Xero has now. Nothing is changed. At most a tenth of the day's Xero calls is used; the rest is compared the next day."
				),
				reqd: 1,
			},
		],
		bulk.compare_period,
		__("Compare a Period with Xero"),
		__("Compare")
	);
}

function add_quick_filters(listview) {
	const $group = $(`<div class="xero-quick-filters" role="group"></div>`);
	for (const quick of QUICK_FILTERS) {
		const $button = $(`<button type="button" class="btn btn-default btn-xs"></button>`);
		$button.append($("<span>").text(quick.label), $(`<span class="xero-count"></span>`));
		$button.on("click", () => apply(listview, quick));
		$button.data("quick", quick).appendTo($group);
	}
	listview.page.page_form.after($group);
	listview.$xero_quick_filters = $group;
}

function filters_of(listview, quick) {
	const others = listview.get_filters_for_args().filter(([, field]) => !QUICK_FIELDS.includes(field));
	return [...others, ...quick.filters.map((filter) => [LOG, ...filter])];
}

async function apply(listview, quick) {
	const filters = filters_of(listview, quick);
	await listview.filter_area.clear(false);
	listview.start = 0;
	await listview.filter_area.set(filters);
	listview.refresh();
}

// Show on the buttons how many rows need attention, and mark the filter that is active.
export function show_counts(listview) {
	const shown = key(listview.get_filters_for_args());
	listview.$xero_quick_filters?.find("button").each((_index, button) => {
		const $button = $(button);
		const quick = $button.data("quick");
		const filters = filters_of(listview, quick);
		const is_active = key(filters) === shown;
		$button.toggleClass("active", is_active).attr("aria-pressed", is_active);
		if (!quick.counted) return;
		frappe.db
			.count(LOG, { filters, limit: 1000 })
			.then((count) => $button.find(".xero-count").text(count || ""));
	});
}

// The list follows the worker, except while the user is selecting rows.
function follow(listview) {
	const refresh = frappe.utils.debounce(() => {
		if (cur_list !== listview || listview.get_checked_items().length) return;
		refresh_all(listview);
	}, 500);
	realtime.follow(refresh);
}

function refresh_all(listview) {
	listview.clear_checked_items();
	// Frappe skips a refresh with the same arguments within three seconds.
	listview.last_args = null;
	listview.refresh();
}

function key(filters) {
	return filters
		.map(([, field, condition, value]) => [field, condition, String(value)].join(" "))
		.sort()
		.join("; ");
}

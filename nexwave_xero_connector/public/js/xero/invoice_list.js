// The lists of Sales and Purchase Invoices: the status in Xero of each, filters, and Send to Xero for a selection.
// ERPNext's own settings of these lists are kept, and called first.

import * as bulk from "./bulk";
import * as realtime from "./realtime";
import { escape, text } from "./sentence";
import { LOG, invoice_indicator } from "./status";

const API = "nexwave_xero_connector.api.invoice";
const GROUP = __("Xero");
const FILTERS = {
	"Needs attention": __("Needs Attention"),
	Waiting: __("Waiting"),
	Failed: __("Failed"),
	"In Xero": __("In Xero"),
	"Not in Xero": __("Not in Xero"),
};

export function extend(doctype) {
	const settings = (frappe.listview_settings[doctype] ??= {});
	if (settings.xero_extended) return;
	settings.xero_extended = true;
	wrap(settings, "onload", set_up);
	wrap(settings, "refresh", show_states);
}

function wrap(settings, event, ours) {
	const theirs = settings[event];
	settings[event] = function (listview) {
		theirs?.call(this, listview);
		if (frappe.model.can_read(LOG)) ours(listview);
	};
}

function set_up(listview) {
	show_after_each_drawing(listview);
	for (const [state, label] of Object.entries(FILTERS)) {
		listview.page.add_inner_button(label, () => narrow_down(listview, state), GROUP);
	}
	if (frappe.perm.has_perm(listview.doctype, 0, "submit")) {
		listview.page.add_actions_menu_item(
			__("Send to Xero"),
			() => bulk.push(listview.doctype, listview.get_checked_items(true)),
			false
		);
	}
}

// Frappe redraws a document that changes while the list is open, and does not call the list's settings for it.
function show_after_each_drawing(listview) {
	const draw = listview.render_list;
	const show = frappe.utils.debounce(() => show_states(listview), 100);
	listview.render_list = function (...args) {
		draw.apply(this, args);
		show();
	};
}

async function narrow_down(listview, state) {
	const names = await frappe.xcall(`${API}.names_by_state`, {
		doctype: listview.doctype,
		state,
	});
	if (!names.length) {
		frappe.show_alert({ message: __("{0}: none", [FILTERS[state]]), indicator: "green" });
		return;
	}
	await listview.filter_area.clear(false);
	await listview.filter_area.set([[listview.doctype, "name", "in", names]]);
	listview.refresh();
}

async function show_states(listview) {
	const names = listview.data.map((doc) => doc.name);
	if (!names.length) return;
	follow(listview);
	const rows = await frappe.xcall(`${API}.states`, { doctype: listview.doctype, names });
	const by_name = Object.fromEntries(rows.map((row) => [row.reference_name, row]));
	const column = listview.columns.findIndex((column) => column.type === "Status");
	make_room(listview, column);
	listview.$result.find(".list-row-checkbox").each((_index, checkbox) => {
		const row = by_name[checkbox.dataset.name];
		const $row = $(checkbox).closest(".list-row");
		$row.find(".xero-pill").remove();
		if (!row) return;
		const [label, colour] = invoice_indicator(row);
		place($row, column).append(
			`<span class="xero-pill indicator-pill no-indicator-dot ${colour}" title="${escape(text(row))}">
				${escape(label)}</span>`
		);
	});
}

// Beside the status: in its column, or at the end of the row on a phone. Users of Frappe 16 can hide that column.
function place($row, column) {
	if (frappe.is_mobile()) return $row.find(".level-right .visible-xs");
	const $status = cell($row.find(".level-left").first(), column);
	return $status.length ? $status : $row.find(".list-subject");
}

function make_room(listview, column) {
	listview.$frappe_list.addClass("xero-invoice-list");
	cell(listview.$result.find(".list-header-subject"), column).addClass("xero-status");
	cell(listview.$result.find(".list-row > .level-left"), column).addClass("xero-status");
}

function cell($left, column) {
	return $left.children(`:nth-child(${column + 1})`);
}

function follow(listview) {
	if (listview.xero_follows) return;
	listview.xero_follows = true;
	const show = frappe.utils.debounce(() => show_states(listview), 500);
	realtime.follow(() => {
		if (cur_list === listview) show();
	});
}

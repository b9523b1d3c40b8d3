// The forms of Sales Invoice and Purchase Invoice: a line with the status in Xero, and a menu.

import { in_words } from "./attachments";
import * as bulk from "./bulk";
import * as realtime from "./realtime";
import { show as show_preview } from "./preview";
import { escape, html } from "./sentence";
import { LOG, invoice_indicator, is_open, may_leave_out, may_void, open_in_xero } from "./status";

const GROUP = __("Xero");

export function extend(doctype) {
	frappe.ui.form.on(doctype, { refresh });
}

async function refresh(frm) {
	if (frm.is_new() || !frappe.model.can_read(LOG)) return;
	follow(frm);
	const { name, doctype } = frm.doc;
	const state = await frappe.xcall("nexwave_xero_connector.api.invoice.state", {
		doctype,
		name,
	});
	if (frm.doc.name !== name || !(state.is_enabled || state.row)) return;
	show_state(frm, state.row, state.attachments);
	add_menu(frm, state.row);
}

function show_state(frm, row, attachments) {
	frm.layout.wrapper.find(".xero-headline").remove();
	if (!row) return;
	const [label, colour] = invoice_indicator(row);
	const href = frappe.utils.get_form_link(LOG, row.name);
	$(`<div class="xero-headline">
		<span class="indicator-pill ${colour}">${escape(label)}</span>
		<span class="xero-headline-text">${html(row)}
			<span class="xero-headline-files text-muted">${escape(in_words(attachments))}</span></span>
		<a class="text-muted" href="${escape(href)}">${__("Log")}</a>
	</div>`).prependTo(frm.layout.wrapper);
}

function add_menu(frm, row) {
	const { doctype, name, docstatus } = frm.doc;
	const add = (label, act) => frm.add_custom_button(label, act, GROUP);
	frm.remove_custom_button(__("Open in Xero"), GROUP);
	const labels = ["Send Now", "Void in Xero", "Preview", "Leave Out", "Take Back"];
	for (const label of labels.map((label) => __(label))) frm.remove_custom_button(label, GROUP);
	if (row?.xero_url) add(__("Open in Xero"), () => open_in_xero(row));
	const is_settled = row && row.status === "Success" && !row.is_different && !row.is_unallocated;
	if (docstatus === 1 && !is_settled && !row?.left_out_at && frm.perm[0]?.submit) {
		add(__("Send Now"), () => bulk.one("retry", { reference_doctype: doctype, reference_name: name }));
	}
	if (
		docstatus === 2 &&
		row &&
		may_void() &&
		!is_open(row) &&
		row.status !== "Voided" &&
		row.status !== "Skipped"
	) {
		add(__("Void in Xero"), () => bulk.void_in_xero(doctype, [name]));
	}
	if (docstatus < 2 && may_void() && frm.perm[0]?.submit) {
		if (row?.left_out_at) add(__("Take Back"), () => bulk.take_back(doctype, [name]));
		else if (!row || may_leave_out(row)) add(__("Leave Out"), () => bulk.leave_out(doctype, [name]));
	}
	if (docstatus < 2) {
		add(__("Preview"), () => show_preview(doctype, name, frm.is_dirty()));
	}
}

function follow(frm) {
	const { doctype, name } = frm.doc;
	if (frm.xero_follows === name) return;
	if (!frm.xero_follows) {
		realtime.follow_documents((data) => {
			if (data.doctype === frm.doctype && data.name === frm.doc?.name) refresh(frm);
		});
	}
	frm.xero_follows = name;
	realtime.follow_document(doctype, name);
}

// Files of a document in Xero: a few words on the invoice, a section on the row of the log, and Send Again.

import { escape, html } from "./sentence";

export const ATTACHMENT = "Xero Attachment";
const API = "nexwave_xero_connector.api.attachments";
const COLOURS = {
	"To Do": "gray",
	"In Progress": "blue",
	Done: "green",
	Failed: "red",
	"Removed Here": "purple",
};
const LABELS = {
	"To Do": __("Waiting"),
	"In Progress": __("Being Sent"),
	Done: __("In Xero"),
	Failed: __("Not Sent"),
	"Removed Here": __("Removed Here"),
};

// The numbers by status in a few words; "" if there are no files.
export function in_words(counts) {
	const number = (...statuses) => statuses.reduce((sum, status) => sum + (counts?.[status] || 0), 0);
	const parts = [];
	const in_xero = number("Done", "Removed Here");
	if (in_xero) parts.push(__("{0} in Xero", [in_xero]));
	if (number("To Do", "In Progress")) parts.push(__("{0} waiting", [number("To Do", "In Progress")]));
	if (number("Failed")) parts.push(__("{0} not sent", [number("Failed")]));
	return parts.length ? __("Attachments: {0}", [parts.join(", ")]) : "";
}

export function show(frm) {
	const files = frm.doc.__onload?.attachments || [];
	const $files = frm.get_field("attachments").$wrapper;
	$files.html(`<div class="xero-timeline">${files.map(item).join("")}</div>`);
	$files.find("[data-file]").on("click", async (event) => {
		await send_again([event.currentTarget.dataset.file]);
		frm.reload_doc();
	});
}

// In the list, that a notification of files that were not sent leads to.
export function set_up_list(listview) {
	if (!["Sales Invoice", "Purchase Invoice"].some(frappe.model.can_submit)) return;
	listview.page.add_actions_menu_item(__("Retry"), async () => {
		await send_again(listview.get_checked_items(true));
		listview.last_args = null; // or Frappe would drop this refresh, soon after another
		listview.refresh();
	});
}

export function refresh_form(frm) {
	frm.disable_save();
	frm.page.set_indicator(LABELS[frm.doc.status], COLOURS[frm.doc.status]);
	if (may_send_again(frm.doc)) {
		frm.add_custom_button(label(frm.doc), async () => {
			await send_again([frm.doc.name]);
			frm.reload_doc();
		});
	}
}

async function send_again(names) {
	const { message } = await frappe.xcall(`${API}.retry`, { names });
	frappe.show_alert({ message: escape(message), indicator: "blue" }, 10);
}

function may_send_again(file) {
	return (
		!["In Progress", "Removed Here"].includes(file.status) &&
		frappe.model.can_submit(file.reference_doctype)
	);
}

function label(file) {
	return file.status === "Done" ? __("Send Again") : __("Retry");
}

function item(file) {
	const name =
		file.file_name && file.file_name !== file.title
			? __("{0}, in Xero {1}", [file.title, file.file_name])
			: file.title;
	const when = file.sent_at ? frappe.datetime.comment_when(file.sent_at) : "";
	const button = may_send_again(file)
		? `<button class="btn btn-xs btn-default" data-file="${escape(file.name)}">${label(file)}</button>`
		: "";
	return `<div class="xero-attempt">
		<div class="xero-attempt-head">
			<span class="indicator-pill ${COLOURS[file.status]}">${escape(LABELS[file.status])}</span>
			<span>${escape(name)}</span>
			<span class="text-muted">${when}</span>
			${button}
		</div>
		<div class="xero-attempt-text">${html(file)}</div>
	</div>`;
}

// The section Attachments: whether Xero's consent is missing, what waits, the share of the day, and earlier documents.

import { escape } from "../xero/sentence";

const API = "nexwave_xero_connector.api.attachments";
const ATTACHMENT = "Xero Attachment";

export function show(frm, connect) {
	const $section = frm.get_field("attachments").$wrapper;
	const facts = frm.doc.__onload?.attachments;
	if (frm.is_new() || !facts) {
		$section.html(
			`<p class="text-muted">${__(
				"Nothing is attached to documents in Xero. Choose what, then save. Xero asks for its consent to attachments only then."
			)}</p>`
		);
		return;
	}
	$section.html([consent(frm, facts), print_warning(facts), state(frm, facts)].join(""));
	$section.find("[data-action=consent]").on("click", () => connect(frm));
	$section.find("[data-action=earlier]").on("click", () => ask_since(frm));
}

function consent(frm, facts) {
	if (!facts.lacks_scope) return "";
	const text = __(
		"Xero has not given its consent to attachments yet. The files wait; documents are sent as before."
	);
	const way_out = frm.perm[1]?.write
		? `<button class="btn btn-sm btn-primary" data-action="consent">${__("Give Consent")}</button>`
		: __("Ask a System Manager to open these settings and give it.");
	return `<div class="xero-warning" role="alert">${text} ${way_out}</div>`;
}

function print_warning({ print_warning: text }) {
	return text ? `<div class="xero-warning" role="alert">${escape(text)}</div>` : "";
}

function state(frm, { counts, share_used, share_size }) {
	const parts = [
		["Done", __("in Xero")],
		["To Do", __("waiting")],
		["Failed", __("not sent")],
	].map(([status, words]) => link(frm, status, counts[status] || 0, words));
	const share =
		share_size === undefined ? "" : __("Calls used today: {0} of {1}.", [share_used, share_size]);
	const earlier = frappe.user.has_role("Accounts Manager")
		? `<button class="btn btn-xs btn-default" data-action="earlier">${__(
				"Attach to Earlier Documents"
		  )}</button>`
		: "";
	return `<p>${__("Files: {0}.", [parts.join(", ")])} ${share} ${earlier}</p>`;
}

function link(frm, status, count, words) {
	const query = new URLSearchParams({ company: frm.doc.company, status });
	const href = `${frappe.utils.get_form_link(ATTACHMENT, "")}`.replace(/\/[^/]*$/, "");
	return `<a href="${escape(`${href}?${query}`)}">${count} ${words}</a>`;
}

function ask_since(frm) {
	frappe.prompt(
		{
			fieldname: "since",
			fieldtype: "Date",
			label: __("Documents dated on or after"),
			default: frm.doc.start_date,
			description: __("Nothing is sent yet. The files are counted first."),
			reqd: 1,
		},
		({ since }) => count(frm, since),
		__("Attach to Earlier Documents"),
		__("Count")
	);
}

async function count(frm, since) {
	const company = frm.doc.company;
	const found = await frappe.xcall(`${API}.count_earlier`, { company, since });
	if (!found.files) {
		frappe.msgprint(__("No earlier document has a file that is not in Xero or waiting already."));
		return;
	}
	const facts = [
		__("{0} documents that are in Xero get {1} files.", [found.documents, found.files]),
		__(
			"That takes {0} calls to Xero, and about {1} days with the share of the day that attachments have.",
			[found.calls, found.days]
		),
	];
	frappe.confirm(facts.map((fact) => `<p>${fact}</p>`).join(""), async () => {
		const queued = await frappe.xcall(`${API}.send_earlier`, { company, since });
		frappe.show_alert(
			{
				message: __("{0} files are queued. They are sent once no document waits.", [queued.files]),
				indicator: "green",
			},
			10
		);
		frm.reload_doc();
	});
}

// From the settings: send documents submitted before the connector was enabled, after a trial run of the mapping.

import * as bulk from "./bulk";
import * as realtime from "./realtime";
import * as progress from "./progress";
import { escape, with_links } from "./sentence";
import { LOG, may_void } from "./status";

const API = "nexwave_xero_connector.api";
const MAX_NAMED = 20;

export function extend_settings() {
	frappe.ui.form.on("Xero Sync Settings", {
		refresh(frm) {
			if (!frm.is_new() && frm.doc.enabled && may_void()) {
				frm.add_custom_button(__("Send Earlier Documents"), () => ask_since(frm.doc));
			}
		},
		after_save(frm) {
			// A new company: receive its live updates from now on.
			realtime.subscribe();
			offer_retry(frm.doc.company);
		},
	});
}

function ask_since(settings) {
	frappe.prompt(
		{
			fieldname: "since",
			fieldtype: "Date",
			label: __("Documents dated on or after"),
			default: settings.start_date,
			description: __(
				"Nothing is sent yet. The documents are counted and the mapping is tried on them first."
			),
			reqd: 1,
		},
		({ since }) => check(settings.company, since),
		__("Send Earlier Documents"),
		__("Check")
	);
}

async function check(company, since) {
	const count = await frappe.xcall(`${API}.backfill.count`, { company, since });
	if (!count) {
		frappe.msgprint(__("All submitted documents from that date on are already in the log."));
		return;
	}
	const failing = [];
	let left_out = 0;
	let elsewhere = 0;
	await part_by_part("check", { company, since }, __("Trying the Mapping"), count, (part) => {
		failing.push(...part.failing);
		left_out += part.left_out;
		elsewhere += part.elsewhere;
	});
	show_plan({ company, since, count, failing, left_out, elsewhere });
}

function show_plan({ company, since, count, failing, left_out, elsewhere }) {
	const to_send = count - left_out;
	const facts = [__("{0} documents dated {1} or later", [count, frappe.datetime.str_to_user(since)])];
	if (left_out) facts.push(__("{0} are excluded by the settings", [left_out]));
	if (elsewhere)
		facts.push(
			__("{0} are in another Xero organisation already, and would be in this one, too", [elsewhere])
		);
	facts.push(failing.length ? __("{0} would fail", [failing.length]) : __("none would fail"));
	const items = failing.slice(0, MAX_NAMED).map((problem) => {
		const document = [{ doctype: problem.doctype, name: problem.name, label: problem.name }];
		return `<li class="mb-2"><b>${with_links(problem.name, document)}</b><br>${with_links(
			problem.message,
			problem.message_links
		)}</li>`;
	});
	if (failing.length > MAX_NAMED)
		items.push(`<li>${__("and {0} more", [failing.length - MAX_NAMED])}</li>`);
	const dialog = new frappe.ui.Dialog({
		title: __("Send Earlier Documents"),
		fields: [{ fieldname: "plan", fieldtype: "HTML" }],
		primary_action_label: __("Send {0} Documents", [to_send]),
		primary_action: () => {
			dialog.hide();
			queue(company, since, count);
		},
		secondary_action_label: __("Not Now"),
		secondary_action: () => dialog.hide(),
	});
	dialog
		.get_field("plan")
		.$wrapper.html(`<p>${escape(facts.join(", "))}.</p><ul class="xero-results">${items.join("")}</ul>`);
	dialog.get_primary_btn().prop("disabled", !to_send);
	dialog.show();
}

async function queue(company, since, count) {
	let queued = 0;
	await part_by_part("queue", { company, since }, __("Send Earlier Documents"), count, (part) => {
		queued += part.queued;
	});
	frappe.show_alert(
		{
			message: __("{0} documents are queued. Follow their progress in the log.", [queued]),
			indicator: "green",
		},
		10
	);
	frappe.set_route("List", LOG, { company, is_latest: 1 });
}

async function part_by_part(method, args, title, count, take) {
	let after = null;
	let done = 0;
	try {
		do {
			const part = await frappe.xcall(`${API}.backfill.${method}`, { ...args, after });
			take(part);
			after = part.after;
			done += part.checked;
			progress.show(title, done, count);
		} while (after);
	} finally {
		progress.hide();
	}
}

// The mapping has changed, so documents that failed because of it can be retried at once.
async function offer_retry(company) {
	const failed = await frappe.xcall("frappe.client.get_list", {
		doctype: LOG,
		filters: {
			company,
			needs_attention: 1,
			status: "Failed",
			error_class: "Needs a person",
			operation: "Push",
		},
		fields: ["name"],
		limit_page_length: 500,
	});
	if (!failed.length) return;
	const names = failed.map((row) => row.name);
	frappe.show_alert(
		{
			message: `${escape(__("{0} documents have failed.", [names.length]))}
				<a class="xero-retry-failed" data-action="retry">${__("Retry them now")}</a>`,
			indicator: "blue",
		},
		30,
		{ retry: () => bulk.retry(LOG, names) }
	);
}

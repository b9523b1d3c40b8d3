// Enabling, and moving the start date back: what is submitted already is counted and checked before it is sent.

import { escape } from "../xero/sentence";
import { described_cause } from "./check";

const API = "nexwave_xero_connector.api.mapping";

export function switch_on(frm) {
	const notes = [
		__(
			"Documents that are submitted already are sent, too, if they are dated so. You will be asked first."
		),
		__("Earlier documents are not sent. You can send them later."),
	];
	if (frm.doc.lock_date) {
		const lock_date = frappe.datetime.str_to_user(frm.doc.lock_date);
		notes.unshift(
			__("Xero does not accept documents dated on or before its lock date {0}.", [lock_date])
		);
	}
	frappe.prompt(
		{
			fieldname: "start_date",
			fieldtype: "Date",
			label: __("Send documents dated on or after"),
			default: frm.doc.start_date || frappe.datetime.get_today(),
			description: notes.join(" "),
			reqd: 1,
		},
		async ({ start_date }) => {
			await frm.set_value({ enabled: 1, start_date });
			await frm.save();
		},
		__("Enable"),
		__("Enable")
	);
}

// Every way to save the form leads here, the checkbox too.
export async function before_save(frm) {
	if (!frm.doc.enabled || !frm.doc.start_date || frm.is_new()) return;
	const { company, start_date } = frm.doc;
	const { message: found } = await frappe.call({
		method: `${API}.before_enabling`,
		args: { company, start_date },
		freeze: true,
		freeze_message: __("Counting what would be sent"),
	});
	if (!found.count || (await is_confirmed(frm, found))) return;
	frappe.validated = false;
}

function is_confirmed(frm, found) {
	return new Promise((resolve) => {
		const dialog = frappe.warn(
			__("{0} documents will be sent", [found.count]),
			described(frm, found),
			() => resolve(true),
			__("Enable and Send")
		);
		dialog.onhide = () => resolve(false);
	});
}

function described(frm, found) {
	const since = frappe.datetime.str_to_user(frm.doc.start_date);
	const parts = [
		__("{0} documents dated {1} or later are submitted already. They will be sent to {2}.", [
			found.count,
			since,
			escape(frm.doc.organisation_name || __("Xero")),
		]),
		__("The mapping was tried on {0} of them: {1} would go to Xero.", [found.checked, found.would_go]),
	];
	if (found.not_pushed) parts.push(__("{0} are excluded by the settings.", [found.not_pushed]));
	return parts.map((part) => `<p>${part}</p>`).join("") + found.causes.map(described_cause).join("");
}

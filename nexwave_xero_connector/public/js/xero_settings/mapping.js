// What fills the form: the organisation's lists, and another company's settings.

import { escape } from "../xero/sentence";

const API = "nexwave_xero_connector.api";

export async function fetch(frm) {
	const { message } = await frappe.call({
		method: `${API}.organisation.fetch`,
		args: { company: frm.doc.company },
		freeze: true,
		freeze_message: __("Asking Xero"),
	});
	frappe.show_alert({ message: escape(message.message), indicator: "green" }, 10);
	await frm.reload_doc();
}

export async function copy_from(frm) {
	// No Link: it would offer those only that are switched on, as Frappe takes `enabled` for a state of the record.
	const others = await frappe.db.get_list("Xero Sync Settings", {
		filters: { name: ["!=", frm.doc.name] },
		pluck: "name",
		order_by: "name",
		limit: 0,
	});
	if (!others.length) {
		frappe.msgprint(__("No other company has Xero Sync Settings."));
		return;
	}
	frappe.prompt(
		{
			fieldname: "source",
			fieldtype: "Select",
			options: others,
			default: others[0],
			label: __("Company"),
			reqd: 1,
		},
		async ({ source }) => {
			const found = await frappe.xcall(`${API}.mapping.copy_from`, { company: frm.doc.company, source });
			await frm.set_value(found.values);
			for (const [table, rows] of Object.entries(found.tables)) {
				frm.clear_table(table);
				for (const row of rows) frm.add_child(table, row);
				frm.refresh_field(table);
			}
			frm.dirty();
			const left_out = found.left_out.map((name) => `<li>${escape(name)}</li>`).join("");
			frappe.msgprint({
				title: __("Look Through It, Then Save"),
				message: left_out
					? `<p>${__("{0} has no counterpart of:", [escape(frm.doc.company)])}</p><ul>${left_out}</ul>`
					: __("Everything was found in {0} too.", [escape(frm.doc.company)]),
				indicator: left_out ? "orange" : "green",
			});
		},
		__("Copy Settings From Another Company"),
		__("Copy")
	);
}

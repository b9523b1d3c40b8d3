// Filling in the form: fetch the organisation's lists, or copy another company's settings.

import { escape } from "../xero/sentence";

const API = "nexwave_xero_connector.api";

export async function fetch(frm) {
	const { message } = await frappe.call({
		method: `${API}.organisation.fetch`,
		args: { company: frm.doc.company },
		freeze: true,
		freeze_message: __("Fetching from Xero"),
	});
	frappe.show_alert({ message: escape(message.message), indicator: "green" }, 10);
	await frm.reload_doc();
}

export async function copy_from(frm) {
	// Not a Link field: Frappe treats `enabled` as a status of the record, and would only offer the enabled ones.
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
			const found = await frappe.xcall(`${API}.mapping.copy_from`, {
				company: frm.doc.company,
				source,
			});
			await frm.set_value(found.values);
			for (const [table, rows] of Object.entries(found.tables)) {
				frm.clear_table(table);
				for (const row of rows) frm.add_child(table, row);
				frm.refresh_field(table);
			}
			frm.dirty();
			const left_out = found.left_out.map((name) => `<li>${escape(name)}</li>`).join("");
			frappe.msgprint({
				title: __("Review and Save"),
				message: left_out
					? `<p>${__("No match was found in {0} for:", [
							escape(frm.doc.company),
					  ])}</p><ul>${left_out}</ul>`
					: __("A match was found in {0} for everything.", [escape(frm.doc.company)]),
				indicator: left_out ? "orange" : "green",
			});
		},
		__("Copy Settings From Another Company"),
		__("Copy")
	);
}

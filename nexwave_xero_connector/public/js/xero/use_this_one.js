// Use This One: what Xero has under the document's number, beside the document, for a person to decide.

import { escape } from "./sentence";

const API = "nexwave_xero_connector.api.use_this_one";

export async function choose(doctype, name, done) {
	const { here, there } = await frappe.xcall(`${API}.candidates`, { doctype, name });
	if (!there.length) {
		frappe.msgprint(__("Xero has no active document under this number."));
		return;
	}
	const dialog = new frappe.ui.Dialog({
		title: __("Use This One"),
		size: "large",
		fields: [
			{ fieldname: "shown", fieldtype: "HTML", options: table(here, there) },
			{
				fieldname: "xero_id",
				fieldtype: "Select",
				label: __("Document in Xero"),
				options: there.map((one) => ({
					value: one.xero_id,
					label: `${one.number}, ${day(one)}, ${one.total} ${one.currency}`,
				})),
				default: there[0].xero_id,
				reqd: 1,
			},
		],
		primary_action_label: __("Use This One"),
		async primary_action({ xero_id }) {
			dialog.hide();
			const answer = await frappe.xcall(`${API}.use_this_one`, { doctype, name, xero_id });
			frappe.show_alert(answer.message);
			done();
		},
	});
	dialog.show();
}

function day(one) {
	return one.date ? frappe.datetime.str_to_user(one.date) : "";
}

function table(here, there) {
	const row = (label, values) =>
		`<tr><th>${escape(label)}</th>${values
			.map((value) => `<td>${escape(value ?? "")}</td>`)
			.join("")}</tr>`;
	const all = [here, ...there];
	return `<p>${__(
		"It is linked as found in Xero. If the document is cancelled here later, it is not voided automatically."
	)}</p>
		<table class="table table-bordered">
			${row("", [__("Here"), ...there.map(() => __("In Xero"))])}
			${row(__("Number"), [here.name, ...there.map((one) => one.number)])}
			${row(__("Date"), all.map(day))}
			${row(
				__("Contact"),
				all.map((one) => one.contact)
			)}
			${row(
				__("Total"),
				all.map((one) => `${one.total} ${one.currency}`)
			)}
			${row(__("Status"), [__("Submitted"), ...there.map((one) => one.status)])}
			${row(__("Differs in"), ["", ...there.map((one) => one.differences.join(", "))])}
		</table>`;
}

// What support asks for, as text to copy. It has no secrets, but names of documents.

export async function diagnose(frm) {
	const { text } = await frappe.xcall("nexwave_xero_connector.api.diagnosis.diagnose", {
		company: frm.doc.company,
	});
	const dialog = new frappe.ui.Dialog({
		title: __("Diagnosis for Support"),
		size: "large",
		fields: [
			{
				fieldname: "text",
				fieldtype: "Code",
				label: __("Contains no passwords or tokens. Messages name documents and items."),
				default: text,
				read_only: 1,
			},
		],
		primary_action_label: __("Copy"),
		primary_action: () => frappe.utils.copy_to_clipboard(text),
	});
	dialog.show();
}

frappe.ui.form.on("Xero Attachment", {
	refresh: (frm) => nexwave_xero.attachments.refresh_form(frm),
});

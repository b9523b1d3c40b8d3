frappe.ui.form.on("Xero Sync Log", {
	refresh: (frm) => nexwave_xero.log_form.refresh(frm),
});

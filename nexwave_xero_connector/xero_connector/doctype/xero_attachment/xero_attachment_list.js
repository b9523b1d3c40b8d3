frappe.listview_settings["Xero Attachment"] = {
	hide_name_column: true,
	hide_name_filter: true,
	onload: (listview) => nexwave_xero.attachments.set_up_list(listview),
};

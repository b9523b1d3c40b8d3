frappe.listview_settings["Xero Connection"] = {
	add_fields: ["state"],

	get_indicator(doc) {
		const colours = { Connected: "green", "Reconnect needed": "red", "Not connected": "gray" };
		return [__(doc.state), colours[doc.state], `state,=,${doc.state}`];
	},
};

frappe.listview_settings["Xero Sync Log"] = {
	hide_name_column: true,
	add_fields: ["status", "is_stuck", "is_orphan"],
	filters: [["is_latest", "=", 1]],

	get_indicator(doc) {
		if (doc.is_stuck) return [__("Stuck"), "orange", "is_stuck,=,1"];
		if (doc.is_orphan) return [__("Orphan"), "red", "is_orphan,=,1"];
		const colours = {
			Queued: "gray",
			"In Progress": "blue",
			Success: "green",
			Failed: "red",
			Voided: "purple",
			Skipped: "gray",
		};
		return [__(doc.status), colours[doc.status], `status,=,${doc.status}`];
	},
};
